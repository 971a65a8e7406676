//! The inference accelerators of a task definition. AWS attaches none any more; it should say so itself to who still asks.

#![expect(deprecated, reason = "old revisions still show them")]

use aws_sdk_ecs::types::InferenceAccelerator;

use crate::aws::convert::structures;

structures! {
    InferenceAccelerator { "DeviceName": device_name set_device_name, "DeviceType": device_type set_device_type }
}

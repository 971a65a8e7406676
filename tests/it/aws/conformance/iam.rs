//! IAM.

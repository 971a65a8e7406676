//! Application Auto Scaling.

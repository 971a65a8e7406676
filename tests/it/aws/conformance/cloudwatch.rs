//! CloudWatch.

//! ECS.

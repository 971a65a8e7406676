//! EFS.

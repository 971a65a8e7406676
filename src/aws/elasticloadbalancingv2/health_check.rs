//! What a target group's health check returns to when a stack no longer says anything about it: ModifyTargetGroup leaves
//! alone what it is not given, so the defaults of CreateTargetGroup have to be sent.

use aws_sdk_elasticloadbalancingv2::types::{Matcher, ProtocolEnum, TargetTypeEnum};

use crate::{
    aws::convert::{Changed, Wanted},
    driver::Result,
};

/// The defaults of one kind of target group.
pub struct Defaults {
    is_lambda: bool,
    is_geneve: bool,
    /// Behind an Application Load Balancer.
    is_http: bool,
    is_grpc: bool,
    /// Checked by HTTP or HTTPS, whatever the traffic is.
    by_http: bool,
}

impl Defaults {
    /// Those of the target group that is wanted.
    pub fn of(want: &Wanted<'_>) -> Result<Self> {
        let protocol = want.text::<ProtocolEnum>("Protocol")?;
        let checked_by = want.text::<ProtocolEnum>("HealthCheckProtocol")?;
        let is_http =
            |protocol: &Option<ProtocolEnum>| matches!(protocol, Some(ProtocolEnum::Http | ProtocolEnum::Https));
        let is_lambda = want.text("TargetType")? == Some(TargetTypeEnum::Lambda);
        Ok(Defaults {
            is_lambda,
            is_geneve: protocol == Some(ProtocolEnum::Geneve),
            is_http: is_http(&protocol),
            is_grpc: want.text::<String>("ProtocolVersion")?.as_deref() == Some("GRPC"),
            by_http: is_lambda || is_http(&checked_by) || (checked_by.is_none() && is_http(&protocol)),
        })
    }

    /// What is to be sent of a property: nothing if it stays, else what is wanted, else the default.
    pub fn fill<T>(change: &Changed<'_>, name: &str, want: Option<T>, default: Option<T>) -> Option<T> {
        if change.touches(name) { want.or(default) } else { None }
    }

    pub fn enabled(&self) -> Option<bool> {
        Some(!self.is_lambda)
    }

    pub fn protocol(&self) -> Option<ProtocolEnum> {
        let protocol = if self.is_http { ProtocolEnum::Http } else { ProtocolEnum::Tcp };
        (!self.is_lambda).then_some(protocol)
    }

    pub fn port(&self) -> Option<String> {
        let port = if self.is_geneve { "80" } else { "traffic-port" };
        (!self.is_lambda).then(|| port.to_owned())
    }

    pub fn path(&self) -> Option<String> {
        let path = if self.is_grpc { "/AWS.ALB/healthcheck" } else { "/" };
        self.by_http.then(|| path.to_owned())
    }

    pub fn interval(&self) -> Option<i32> {
        Some(match self {
            Defaults { is_lambda: true, .. } => 35,
            Defaults { is_geneve: true, .. } => 10,
            _ => 30,
        })
    }

    pub fn timeout(&self) -> Option<i32> {
        Some(match self {
            Defaults { is_lambda: true, .. } => 30,
            Defaults { is_http: true, .. } | Defaults { is_geneve: true, .. } => 5,
            Defaults { by_http: true, .. } => 6,
            _ => 10,
        })
    }

    pub fn healthy(&self) -> Option<i32> {
        Some(5)
    }

    pub fn unhealthy(&self) -> Option<i32> {
        Some(if self.is_lambda { 5 } else { 2 })
    }

    pub fn matcher(&self) -> Option<Matcher> {
        let builder = Matcher::builder();
        let matcher = match self {
            Defaults { is_grpc: true, .. } => builder.grpc_code("12"),
            Defaults { is_http: true, .. } | Defaults { is_lambda: true, .. } => builder.http_code("200"),
            _ => builder.http_code("200-399"),
        };
        self.by_http.then(|| matcher.build())
    }
}

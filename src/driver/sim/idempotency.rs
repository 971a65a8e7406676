//! What happens when a create call is sent twice: the table that catches an engine which retries blindly. From AWS's
//! public service models.

use crate::{base::Path, catalogue::ResourceType};

/// How a create call recognises that it was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// By client token: the first object is returned again.
    Token,
    /// By client token: refused, and the message names the first object.
    TokenRefused,
    /// By name or natural key: refused.
    Name,
    /// By name: an identical call returns the first object, another one is refused.
    NameIdentical,
    /// A put: whatever has the name is taken over silently.
    Put,
    /// Not at all: there are two objects.
    Nothing,
}

impl Class {
    /// Whether a create that is sent twice makes one object.
    pub fn is_idempotent(self) -> bool {
        self != Class::Nothing
    }

    /// Whether a create can end with somebody else's object.
    pub fn takes_over(self) -> bool {
        matches!(self, Class::Put | Class::NameIdentical)
    }
}

const TOKEN: &[&str] = &[
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::RouteTable",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::Volume",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::FlowLog",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::PrefixList",
    "AWS::ECS::Service",
    "AWS::GuardDuty::Detector",
    "AWS::SSM::MaintenanceWindow",
    "AWS::Backup::BackupVault",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Route53::HealthCheck",
    "AWS::CertificateManager::Certificate",
    "AWS::Scheduler::Schedule",
    "AWS::EKS::Cluster",
    "AWS::EKS::Nodegroup",
];

const TOKEN_REFUSED: &[&str] =
    &["AWS::EFS::FileSystem", "AWS::EFS::AccessPoint", "AWS::CloudFront::Distribution", "AWS::Route53::HostedZone"];

const NAME_IDENTICAL: &[&str] = &[
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
    "AWS::EC2::EIPAssociation",
];

const PUT: &[&str] = &[
    "AWS::ECS::Cluster",
    "AWS::Logs::MetricFilter",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::SNS::Topic",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::ConfigRule",
    "AWS::Events::Rule",
    "AWS::Route53::RecordSet",
];

const NOTHING: &[&str] = &[
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::VPNConnection",
    "AWS::KMS::Key",
    "AWS::ECS::TaskDefinition",
    "AWS::IAM::AccessKey",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::VpcLink",
    "AWS::ApiGatewayV2::Api",
    "AWS::Lambda::LayerVersion",
];

/// The class of a type. One that is in no list goes by its name or natural key if it always has one.
pub fn class(resource: &ResourceType) -> Class {
    let listed = |list: &[&str]| list.contains(&resource.name.as_str());
    let is_known = is_always_known(resource);
    match () {
        () if listed(TOKEN) => Class::Token,
        () if listed(TOKEN_REFUSED) => Class::TokenRefused,
        () if listed(NOTHING) || !is_known => Class::Nothing,
        () if listed(NAME_IDENTICAL) => Class::NameIdentical,
        () if listed(PUT) => Class::Put,
        () => Class::Name,
    }
}

/// Whether every object of the type has a name or natural key: the engine gives the names that the overlay rules, and
/// nobody can leave out what is required.
fn is_always_known(resource: &ResourceType) -> bool {
    let is_given =
        |path: &Path| !resource.read_only.contains(path) && resource.field(path).is_some_and(|field| field.required);
    let identity = &resource.primary_identifier;
    resource.overlay.name.is_some()
        || !resource.overlay.collides_on.is_empty()
        || (!identity.is_empty() && identity.iter().all(is_given))
}

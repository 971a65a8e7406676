//! Promises about the whole catalogue.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{Catalogue, Handler, overlay::Overlays};
use crate::base::{Path, Segment};

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

#[test]
fn every_type_reads_and_every_place_it_names_exists() {
    let catalogue = Catalogue::embedded();
    assert!(catalogue.names().count() > 1800, "{}", catalogue.names().count());
    let mut missing = Vec::new();
    for name in catalogue.names() {
        let resource = catalogue.get(name).unwrap_or_else(|| panic!("`{name}` cannot be read"));
        if let Err(error) = resource.nodes.all() {
            missing.push(format!("{name}: {error}"));
        }
        let lost = resource.named_paths().into_iter().filter(|(_, path)| resource.field(path).is_none());
        missing.extend(lost.map(|(list, path)| format!("{name} {list} {path}")));
        missing.extend(resource.unresolved.iter().map(|pointer| format!("{name} {pointer}")));
    }
    assert_eq!(missing, Vec::<String>::new(), "AWS's own inconsistencies would stand here");
}

#[test]
fn nearly_every_pattern_can_be_checked() {
    let catalogue = Catalogue::embedded();
    let (mut read, mut unread) = (BTreeSet::new(), BTreeSet::new());
    for name in catalogue.names() {
        let resource = catalogue.get(name).unwrap();
        for pattern in resource.nodes.all().unwrap().into_iter().filter_map(|node| node.pattern.as_ref()) {
            if read.contains(&pattern.text) || unread.contains(&pattern.text) {
                continue;
            }
            let list = if pattern.compiles() { &mut read } else { &mut unread };
            list.insert(pattern.text.clone());
        }
    }
    assert!(unread.len() * 200 < read.len(), "beside {} patterns: {unread:#?}", read.len());
}

#[test]
fn the_overlay_names_only_what_exists() {
    let (catalogue, overlays) = (Catalogue::embedded(), Overlays::embedded());
    let mut wrong = Vec::new();
    for name in overlays.names() {
        wrong.extend(overlays.error(name).map(|error| format!("{name}: {error}")));
        let Some(resource) = catalogue.get(name) else {
            wrong.push(format!("{name} is no type"));
            continue;
        };
        let overlay = &resource.overlay;
        let named = overlay.name.iter().map(|rule| path(&rule.property));
        let named = named.chain(overlay.collides_on.iter().flatten().cloned());
        wrong.extend(
            named.filter(|place| resource.field(place).is_none()).map(|place| format!("{name} has no {place}")),
        );
        let (known, hidden) = (overlays.get(name).not_secret, &resource.write_only);
        let is_idle = |place: &&Path| !hidden.iter().any(|hidden| place.covers(hidden));
        wrong.extend(known.iter().filter(is_idle).map(|place| format!("{name} reports {place}")));
        wrong.extend(
            resource
                .ordered
                .iter()
                .filter(|place| resource.field(place).is_none())
                .map(|place| format!("{name} has no {place}")),
        );
        for (place, formats) in &resource.references {
            if resource.field(place).is_none() {
                wrong.push(format!("{name} has no {place}"));
            }
            for format in formats {
                let (target, _) = format.rsplit_once('.').unwrap();
                let attribute =
                    catalogue.get(target).and_then(|target| target.attribute_for_format(format).map(str::to_owned));
                wrong.extend(attribute.is_none().then(|| format!("{name} {place}: {format} is nothing")));
            }
        }
        wrong.extend(
            overlay
                .needs_only_created
                .iter()
                .filter(|needed| catalogue.get(needed).is_none())
                .map(|needed| format!("{name} needs {needed}")),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The types of the five systems, as SYSTEMS.md lists them.
const SYSTEMS: &str = "
    EC2: VPC, Subnet, InternetGateway, VPCGatewayAttachment, NatGateway, EIP, RouteTable, Route, SubnetRouteTableAssociation, SecurityGroup,
         SecurityGroupIngress, SecurityGroupEgress, Instance, FlowLog, VPCEndpoint, LaunchTemplate;
    KMS: Key, Alias, ReplicaKey; RDS: DBCluster, DBInstance, DBSubnetGroup, DBClusterParameterGroup, DBParameterGroup, GlobalCluster;
    ECS: Cluster, TaskDefinition, Service; ElasticLoadBalancingV2: LoadBalancer, TargetGroup, Listener, ListenerRule;
    ElastiCache: SubnetGroup, ParameterGroup, CacheCluster, ReplicationGroup; EFS: FileSystem, MountTarget, AccessPoint;
    SecretsManager: Secret, RotationSchedule, SecretTargetAttachment, ResourcePolicy;
    IAM: Role, RolePolicy, ManagedPolicy, InstanceProfile, ServiceLinkedRole; Logs: LogGroup; CloudWatch: Alarm, Dashboard;
    SNS: Topic, Subscription, TopicPolicy; ApplicationAutoScaling: ScalableTarget, ScalingPolicy;
    Backup: BackupVault, BackupPlan, BackupSelection; Lambda: Function, Permission; Kinesis: Stream;
    ApiGateway: RestApi, Resource, Method, Authorizer, Deployment, Stage, Account;
    Cognito: UserPool, UserPoolClient, UserPoolGroup, UserPoolDomain; ECR: Repository; WAFv2: WebACL, WebACLAssociation;
    S3: Bucket, BucketPolicy; CloudTrail: Trail; Config: ConfigurationRecorder, DeliveryChannel, ConformancePack;
    GuardDuty: Detector; Budgets: Budget; SSM: Parameter; CloudFront: Distribution, OriginAccessControl;
    DynamoDB: Table; Route53: HostedZone, RecordSet; CertificateManager: Certificate";

#[test]
fn the_types_of_the_five_systems_exist_and_have_an_overlay() {
    let (catalogue, overlays) = (Catalogue::embedded(), Overlays::embedded());
    for service in SYSTEMS.split(';') {
        let (service, types) = service.trim().split_once(':').unwrap();
        for name in types.split(',').map(|name| format!("AWS::{service}::{}", name.trim())) {
            assert!(catalogue.get(&name).is_some(), "{name}");
            assert!(overlays.names().any(|known| known == name), "{name} has no overlay");
        }
    }
}

#[test]
fn references_say_what_they_must_mean() {
    let references =
        |name: &str, place: &str| Catalogue::embedded().get(name).unwrap().field(&path(place)).unwrap().references;
    assert_eq!(references("AWS::EC2::Subnet", "VpcId"), ["AWS::EC2::VPC.Id"]);
    assert_eq!(
        references("AWS::RDS::DBCluster", "KmsKeyId"),
        ["AWS::KMS::Alias.AliasName", "AWS::KMS::Key.Arn", "AWS::KMS::Key.Id"]
    );
    assert_eq!(
        references("AWS::ElasticLoadBalancingV2::LoadBalancer", "Subnets[0]"),
        ["AWS::EC2::Subnet.Id", "AWS::EC2::Subnet.Ids"]
    );
    assert_eq!(
        references("AWS::EFS::MountTarget", "SecurityGroups[1]"),
        ["AWS::EC2::SecurityGroup.Id", "AWS::EC2::SecurityGroup.Ids"]
    );
    assert_eq!(references("AWS::RDS::DBSubnetGroup", "SubnetIds[0]"), ["AWS::EC2::Subnet.SubnetId"]);
    assert_eq!(references("AWS::RDS::DBSubnetGroup", "SubnetIds"), ["AWS::EC2::Subnet.SubnetId"]);
    assert_eq!(references("AWS::ECS::TaskDefinition", "ExecutionRoleArn"), ["AWS::IAM::Role.Arn"]);
    assert_eq!(references("AWS::Lambda::Function", "Role"), ["AWS::IAM::Role.Arn"]);
}

#[test]
fn a_format_names_an_attribute_of_its_type() {
    let attribute = |name: &str, format: &str| {
        Catalogue::embedded().get(name).unwrap().attribute_for_format(format).map(str::to_owned)
    };
    assert_eq!(attribute("AWS::EC2::VPC", "AWS::EC2::VPC.Id").as_deref(), Some("VpcId"));
    assert_eq!(attribute("AWS::EC2::Subnet", "AWS::EC2::Subnet.Ids").as_deref(), Some("SubnetId"));
    assert_eq!(attribute("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroup.Id").as_deref(), Some("GroupId"));
    assert_eq!(attribute("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroup.Ids").as_deref(), Some("GroupId"));
    assert_eq!(attribute("AWS::KMS::Key", "AWS::KMS::Key.Arn").as_deref(), Some("Arn"));
    assert_eq!(attribute("AWS::KMS::Key", "AWS::KMS::Key.Id").as_deref(), Some("KeyId"));
    assert_eq!(attribute("AWS::S3::Bucket", "AWS::S3::Bucket.Name").as_deref(), Some("BucketName"));
    assert_eq!(attribute("AWS::SNS::Topic", "AWS::SNS::Topic.Arn").as_deref(), Some("TopicArn"));
    assert_eq!(attribute("AWS::Logs::LogGroup", "AWS::Logs::LogGroup.Name").as_deref(), Some("LogGroupName"));
    assert_eq!(attribute("AWS::EC2::VPC", "AWS::EC2::Subnet.Id"), None);
}

#[test]
fn a_misspelt_type_has_a_nearest_one() {
    let nearest = |name: &str| Catalogue::embedded().nearest(name);
    assert_eq!(nearest("AWS::EC2::Vpc"), Some("AWS::EC2::VPC"));
    assert_eq!(nearest("AWS::EC2::Subnt"), Some("AWS::EC2::Subnet"));
    assert_eq!(nearest("EC2::VPC"), Some("AWS::EC2::VPC"));
    assert_eq!(nearest("NatGateway"), Some("AWS::EC2::NatGateway"));
    assert_eq!(nearest("complete nonsense that is nothing"), None);
}

#[test]
fn regions_are_known_by_what_they_offer() {
    let catalogue = Catalogue::embedded();
    assert_eq!(catalogue.is_offered("AWS::EC2::VPC", "ap-southeast-1"), Some(true));
    assert_eq!(catalogue.is_offered("AWS::Budgets::Budget", "ap-southeast-6"), Some(false));
    assert_eq!(catalogue.is_offered("AWS::EC2::VPC", "us-iso-east-1"), None, "nobody outside can list that region");
}

#[test]
fn a_change_that_replaces_is_known_at_any_depth() {
    let resource = Catalogue::embedded().get("AWS::EC2::Subnet").unwrap();
    assert!(resource.replaces(&path("VpcId")));
    assert!(!resource.replaces(&path("Tags[0].Value")));
    let distribution = Catalogue::embedded().get("AWS::AutoScaling::LaunchConfiguration").unwrap();
    assert!(distribution.replaces(&path("BlockDeviceMappings[0].Ebs.VolumeSize")));
}

#[test]
fn a_handler_says_what_it_needs() {
    let resource = Catalogue::embedded().get("AWS::EC2::VPC").unwrap();
    assert!(resource.permissions(Handler::Create).iter().any(|action| action == "ec2:CreateVpc"));
    assert!(resource.has_handler(Handler::List));
    assert_eq!(resource.timeout(Handler::Create).as_secs(), 7200);
}

#[test]
fn inside_a_document_anything_may_stand() {
    let role = Catalogue::embedded().get("AWS::IAM::Role").unwrap();
    assert!(role.field(&path("AssumeRolePolicyDocument")).unwrap().is_document);
    assert!(role.field(&path("AssumeRolePolicyDocument.Statement[0].Action")).is_some());
    assert!(role.field(&path("RoleName.Something")).is_none());
    assert!(role.field(&Path(vec![Segment::Key("Nothing".to_owned())])).is_none());
}

#[test]
fn what_is_never_reported_is_a_secret_unless_it_tells_nothing_secret() {
    let is_secret = |kind: &str, property: &str| {
        let kind = Catalogue::embedded().get(kind).unwrap();
        assert!(kind.is_write_only(&path(property)), "{property}");
        kind.secrets.contains(&path(property))
    };
    assert!(is_secret("AWS::SecretsManager::Secret", "SecretString"));
    assert!(!is_secret("AWS::Lambda::Function", "Code.ZipFile"), "the overlay says so");
    assert!(is_secret("AWS::ElastiCache::ReplicationGroup", "AuthToken"));
    assert!(!is_secret("AWS::KMS::Key", "PendingWindowInDays"), "a number, needed to delete the key");
    assert!(!is_secret("AWS::KMS::Key", "BypassPolicyLockoutSafetyCheck"), "a flag");
    assert!(!is_secret("AWS::ApplicationAutoScaling::ScalingPolicy", "ScalingTargetId"), "needed to find the policy");
}

/// Prints; asserts nothing about time. `cargo test --release … decoding -- --nocapture`
#[test]
#[expect(clippy::disallowed_methods, reason = "a benchmark measures the real time")]
fn decoding_prints_its_times() {
    let start = Instant::now();
    let catalogue = Catalogue::open().unwrap();
    println!("open: {:?}", start.elapsed());
    let mut times: Vec<_> = catalogue
        .names()
        .map(|name| {
            let start = Instant::now();
            let resource = catalogue.get(name);
            (start.elapsed(), name, resource.is_some())
        })
        .collect();
    println!("first: {:?}", times[0]);
    let sum: Duration = times.iter().map(|(time, ..)| *time).sum();
    times.sort();
    println!("all: {sum:?}; median: {:?}; slowest: {:?}", times[times.len() / 2], &times[times.len() - 5..]);
}

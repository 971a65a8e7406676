//! ECS.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use provision::{
    base::{Address, Doc, PhysicalId, Token},
    driver::{Call, Change, Fault, FaultKind, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    group, subnet, tags, vpc,
};

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

async fn cluster(cloud: &Cloud) -> String {
    cloud.make_id("AWS::ECS::Cluster", "cluster", json!({"ClusterName": "main"}), "Arn").await
}

async fn task(cloud: &Cloud, name: &str) -> String {
    let want = json!({
        "Family": "web", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
        "ContainerDefinitions": [{"Name": "web", "Image": "nginx", "PortMappings": [{"ContainerPort": 80}]}],
    });
    cloud.make_id("AWS::ECS::TaskDefinition", name, want, "TaskDefinitionArn").await
}

// moto forgets nothing of a cluster but Service Connect, which is never read back anyway.
#[tokio::test]
async fn ecs_cluster_conforms() {
    let cloud = Cloud::of("ecs_cluster_conforms");
    let strategy = |weight: u8| json!([{"CapacityProvider": "FARGATE", "Weight": weight, "Base": 1}]);
    let commands = |prefix: &str| {
        let logs = json!({
            "CloudWatchLogGroupName": "commands", "CloudWatchEncryptionEnabled": true, "S3BucketName": "commands",
            "S3EncryptionEnabled": true, "S3KeyPrefix": prefix,
        });
        json!({"KmsKeyId": "alias/main", "Logging": "OVERRIDE", "LogConfiguration": logs})
    };
    let storage = json!({"FargateEphemeralStorageKmsKeyId": "alias/main", "KmsKeyId": "alias/main"});
    let want = json!({
        "ClusterName": "main", "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
        "Configuration": {"ExecuteCommandConfiguration": commands("a"), "ManagedStorageConfiguration": storage},
        "CapacityProviders": ["FARGATE", "FARGATE_SPOT"], "DefaultCapacityProviderStrategy": strategy(1),
        "ServiceConnectDefaults": {"Namespace": "main"}, "Tags": tags(&[("Name", "a"), ("Team", "x")]),
    });
    let other = json!({
        "ClusterName": "main", "ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}],
        "Configuration": {"ExecuteCommandConfiguration": commands("b")}, "CapacityProviders": ["FARGATE"],
        "DefaultCapacityProviderStrategy": strategy(2), "Tags": tags(&[("Name", "b")]),
    });
    cloud.check("AWS::ECS::Cluster", want, [other, json!({"ClusterName": "main"})]).await;
}

#[tokio::test]
async fn a_cluster_of_somebody_else_is_not_taken_over_and_a_deleted_one_is_nobodys() {
    let cloud = Cloud::of("a_cluster_of_somebody_else_is_not_taken_over_and_a_deleted_one_is_nobodys");
    let (driver, call) = (cloud.provider.driver("AWS::ECS::Cluster").unwrap(), call(&cloud));
    let want = Doc::from(json!({"ClusterName": "main"}));
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    let ecs = cloud.clients.ecs(&cloud.place).await;
    ecs.create_cluster().cluster_name("main").send().await.unwrap();
    assert_eq!(driver.taken(&call, &want).await.unwrap().unwrap().0, "main");
    assert_eq!(driver.find(&call, &want).await.unwrap(), []);
    ecs.delete_cluster().cluster("main").send().await.unwrap();
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    driver.create(&call, &want).await.unwrap();
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    assert_eq!(driver.find(&call, &want).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_cluster_in_use_says_what_uses_it() {
    let cloud = Cloud::of("a_cluster_in_use_says_what_uses_it");
    let driver = cloud.provider.driver("AWS::ECS::Cluster").unwrap();
    service_in(&cloud, 0).await;
    cloud.wire.trouble("DeleteCluster", 0, Trouble::Refused(400, "ClusterContainsServicesException"));
    let outcome = driver.delete(&call(&cloud), &PhysicalId("main".into()), &Removal::default()).await;
    let fault = outcome.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["service web".to_owned()]));
}

#[tokio::test]
async fn task_definition_for_fargate_conforms() {
    let cloud = Cloud::of("task_definition_for_fargate_conforms");
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let logs = json!({
        "LogDriver": "awslogs", "Options": {"awslogs-group": "/ecs/web", "awslogs-region": "us-east-1"},
        "SecretOptions": [{"Name": "token", "ValueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:log"}],
    });
    let app = json!({
        "Name": "app", "Image": "nginx:latest", "Essential": true, "Cpu": 128, "Memory": 256, "MemoryReservation": 128,
        "PortMappings": [{"ContainerPort": "80", "Protocol": "tcp", "Name": "http", "AppProtocol": "http"}],
        "Environment": [{"Name": "MODE", "Value": "live"}, {"Name": "PORT", "Value": "80"}],
        "Secrets": [{"Name": "PASSWORD", "ValueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db"}],
        "MountPoints": [{"SourceVolume": "files", "ContainerPath": "/files", "ReadOnly": true}],
        "HealthCheck": {
            "Command": ["CMD-SHELL", "curl -f http://localhost/"], "Interval": 10, "Timeout": 5, "Retries": 3,
            "StartPeriod": 30,
        },
        "DependsOn": [{"ContainerName": "init", "Condition": "SUCCESS"}], "StartTimeout": 60, "StopTimeout": 30,
        "LogConfiguration": logs,
    });
    let init = json!({"Name": "init", "Image": "busybox", "Essential": false, "Command": ["true"]});
    let files = json!({
        "FilesystemId": "fs-0123456789abcdef0", "RootDirectory": "/", "TransitEncryption": "ENABLED",
        "TransitEncryptionPort": 2999, "AuthorizationConfig": {"AccessPointId": "fsap-0123456789abcdef0", "IAM": "ENABLED"},
    });
    // moto forgets `EnableFaultInjection`.
    let document = |tag: &str| {
        json!({
            "Family": "web", "Cpu": "512", "Memory": 1024, "NetworkMode": "awsvpc", "PidMode": "task",
            "RequiresCompatibilities": ["FARGATE"], "EphemeralStorage": {"SizeInGiB": 30},
            "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
            "ExecutionRoleArn": role("execution"), "TaskRoleArn": role("task"),
            "Volumes": [{"Name": "files", "EFSVolumeConfiguration": files}],
            "ContainerDefinitions": [app, init], "Tags": tags(&[("Name", tag)]),
        })
    };
    cloud.check("AWS::ECS::TaskDefinition", document("a"), [document("b")]).await;
}

#[tokio::test]
async fn task_definition_with_everything_conforms() {
    let cloud = Cloud::of("task_definition_with_everything_conforms");
    let linux = json!({
        "Capabilities": {"Add": ["SYS_PTRACE"], "Drop": ["NET_RAW"]}, "InitProcessEnabled": true, "MaxSwap": 512,
        "Swappiness": 10, "SharedMemorySize": 64,
        "Devices": [{"HostPath": "/dev/fuse", "ContainerPath": "/dev/fuse", "Permissions": ["read", "write"]}],
        "Tmpfs": [{"ContainerPath": "/tmp", "Size": 64, "MountOptions": ["noexec"]}],
    });
    let app = json!({
        "Name": "app", "Image": "private/app", "Memory": 512, "EntryPoint": ["/app"], "Command": ["serve"],
        "RepositoryCredentials": {"CredentialsParameter": "arn:aws:secretsmanager:us-east-1:123456789012:secret:hub"},
        "VersionConsistency": "disabled", "WorkingDirectory": "/", "User": "1000:1000", "Hostname": "app",
        "EnvironmentFiles": [{"Type": "s3", "Value": "arn:aws:s3:::bucket/app.env"}],
        "CredentialSpecs": ["credentialspecdomainless:arn:aws:s3:::bucket/spec"], "Links": ["log"],
        "VolumesFrom": [{"SourceContainer": "log", "ReadOnly": true}],
        "PortMappings": [{"ContainerPortRange": "8000-8010"}, {"ContainerPort": 80, "HostPort": 8080}],
        "ExtraHosts": [{"Hostname": "db", "IpAddress": "10.0.0.1"}], "DnsServers": ["10.0.0.2"],
        "DnsSearchDomains": ["internal"], "DisableNetworking": false, "LinuxParameters": linux,
        "RestartPolicy": {"Enabled": true, "IgnoredExitCodes": [0, 3], "RestartAttemptPeriod": 60},
        "ResourceRequirements": [{"Type": "GPU", "Value": "1"}],
        "Ulimits": [{"Name": "nofile", "SoftLimit": 1024, "HardLimit": 4096}],
        "SystemControls": [{"Namespace": "net.core.somaxconn", "Value": "1024"}], "Privileged": true,
        "ReadonlyRootFilesystem": true, "DockerLabels": {"team": "a", "number": "1"},
        "DockerSecurityOptions": ["label:none"], "Interactive": true, "PseudoTerminal": true,
        "LogConfiguration": {"LogDriver": "awsfirelens", "Options": {"Name": "stdout"}},
    });
    let log = json!({
        "Name": "log", "Image": "fluent-bit", "Memory": 128, "MemoryReservation": 64,
        "FirelensConfiguration": {"Type": "fluentbit", "Options": {"enable-ecs-log-metadata": "true"}},
    });
    let windows = json!({
        "FileSystemId": "fs-1", "RootDirectory": "share",
        "AuthorizationConfig": {"CredentialsParameter": "arn:aws:ssm:us-east-1:123456789012:parameter/a", "Domain": "d"},
    });
    let docker = json!({
        "Scope": "shared", "Autoprovision": true, "Driver": "local", "DriverOpts": {"type": "tmpfs"},
        "Labels": {"team": "a"},
    });
    let bucket = json!({
        "FileSystemArn": "arn:aws:s3files:us-east-1:123456789012:file-system/fs-1", "RootDirectory": "/",
        "AccessPointArn": "arn:aws:s3files:us-east-1:123456789012:file-system/fs-1/access-point/fsap-1",
        "TransitEncryptionPort": 2999,
    });
    let proxy = json!({
        "Type": "APPMESH", "ContainerName": "log",
        "ProxyConfigurationProperties": [{"Name": "IgnoredUID", "Value": "1337"}],
    });
    let want = json!({
        "Family": "everything", "NetworkMode": "bridge", "IpcMode": "host", "PidMode": "host",
        "RequiresCompatibilities": ["EC2"], "ContainerDefinitions": [app, log], "ProxyConfiguration": proxy,
        "PlacementConstraints": [{"Type": "memberOf", "Expression": "attribute:ecs.os-type == linux"}],
        "InferenceAccelerators": [{"DeviceName": "one", "DeviceType": "eia2.medium"}],
        "Volumes": [
            {"Name": "host", "Host": {"SourcePath": "/data"}},
            {"Name": "docker", "DockerVolumeConfiguration": docker},
            {"Name": "windows", "FSxWindowsFileServerVolumeConfiguration": windows},
            {"Name": "bucket", "S3FilesVolumeConfiguration": bucket},
            {"Name": "later", "ConfiguredAtLaunch": true},
        ],
    });
    cloud.check("AWS::ECS::TaskDefinition", want, []).await;
}

#[tokio::test]
async fn a_task_definition_is_found_among_the_revisions_of_its_family() {
    let cloud = Cloud::of("a_task_definition_is_found_among_the_revisions_of_its_family");
    let (driver, call) = (cloud.provider.driver("AWS::ECS::TaskDefinition").unwrap(), call(&cloud));
    task(&cloud, "one").await;
    let image = json!([{"Name": "web", "Image": "nginx", "Memory": 128}]);
    for want in [json!({"Family": "web", "ContainerDefinitions": image}), json!({"ContainerDefinitions": image})] {
        let made = driver.create(&call, &want.clone().into()).await.unwrap().into_inner();
        task(&cloud, "two").await;
        assert_eq!(driver.find(&call, &want.into()).await.unwrap(), [made.id]);
    }
}

/// What a service needs, and a service that runs nothing, for moto starts no tasks.
async fn service_in(cloud: &Cloud, count: u8) -> (Json, Doc) {
    let (vpc, cluster, task) = (vpc(cloud).await, cluster(cloud).await, task(cloud, "task").await);
    let network = json!({
        "Subnets": [subnet(cloud, &vpc).await], "SecurityGroups": [group(cloud, &vpc).await], "AssignPublicIp": "DISABLED",
    });
    let want = json!({
        "ServiceName": "web", "Cluster": cluster, "TaskDefinition": task, "DesiredCount": count, "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": network},
    });
    let made = cloud.make("AWS::ECS::Service", "service", want.clone()).await;
    (want, made)
}

fn with(mut document: Json, more: Json) -> Json {
    let (Json::Object(document_map), Json::Object(more)) = (&mut document, more) else { panic!("two maps") };
    document_map.extend(more);
    document
}

// At its creation moto forgets what says how tasks are placed, replaced and reached; at an update it keeps all of that.
#[tokio::test]
async fn ecs_service_conforms() {
    let cloud = Cloud::of("ecs_service_conforms");
    let (vpc, cluster) = (vpc(&cloud).await, cluster(&cloud).await);
    let (task_a, task_b) = (task(&cloud, "one").await, task(&cloud, "two").await);
    let network = |public: &str, subnet: &str, group: &str| {
        let inner = json!({"Subnets": [subnet], "SecurityGroups": [group], "AssignPublicIp": public});
        json!({"AwsvpcConfiguration": inner})
    };
    let (subnet, group) = (subnet(&cloud, &vpc).await, group(&cloud, &vpc).await);
    let balancers = json!([{"TargetGroupArn": "arn:target", "ContainerName": "web", "ContainerPort": 80}]);
    let registries = json!([{"RegistryArn": "arn:registry", "Port": 80, "ContainerName": "web", "ContainerPort": 80}]);
    let want = json!({
        "ServiceName": "web", "Cluster": "main", "TaskDefinition": task_a, "DesiredCount": 0, "LaunchType": "FARGATE",
        "SchedulingStrategy": "REPLICA", "DeploymentController": {"Type": "ECS"}, "PlatformVersion": "1.4.0",
        "PropagateTags": "SERVICE", "LoadBalancers": balancers, "ServiceRegistries": registries,
        "NetworkConfiguration": network("DISABLED", &subnet, &group), "Tags": tags(&[("Name", "a")]),
    });
    let alarms = json!({"AlarmNames": ["high"], "Enable": true, "Rollback": true});
    let hook = json!({
        "HookTargetArn": "arn:function", "RoleArn": "arn:role", "LifecycleStages": ["POST_SCALE_UP"],
        "HookDetails": {"a": [1, "two", false]},
    });
    let deployment = json!({
        "Strategy": "ROLLING", "MaximumPercent": 150, "MinimumHealthyPercent": 50, "BakeTimeInMinutes": 5,
        "DeploymentCircuitBreaker": {"Enable": true, "Rollback": true}, "Alarms": alarms, "LifecycleHooks": [hook],
        "CanaryConfiguration": {"CanaryPercent": 10.5, "CanaryBakeTimeInMinutes": 5},
        "LinearConfiguration": {"StepPercent": 20, "StepBakeTimeInMinutes": 5},
    });
    let other = json!({
        "ServiceName": "web", "Cluster": cluster, "TaskDefinition": task_b, "DesiredCount": 2, "LaunchType": "FARGATE",
        "SchedulingStrategy": "REPLICA", "DeploymentController": {"Type": "ECS"},
        "NetworkConfiguration": network("ENABLED", &subnet, &group), "HealthCheckGracePeriodSeconds": 30,
        "DeploymentConfiguration": deployment, "EnableExecuteCommand": true, "AvailabilityZoneRebalancing": "DISABLED",
        "PlacementConstraints": [{"Type": "distinctInstance"}],
        "PlacementStrategies": [{"Type": "spread", "Field": "attribute:ecs.availability-zone"}],
        "Tags": tags(&[("Name", "b")]),
    });
    cloud.check("AWS::ECS::Service", want, [other]).await;
}

#[tokio::test]
async fn a_service_whose_tasks_do_not_start_is_waited_for() {
    let cloud = Cloud::of("a_service_whose_tasks_do_not_start_is_waited_for");
    let (mut want, _) = service_in(&cloud, 0).await;
    want["ServiceName"] = json!("slow");
    want["DesiredCount"] = json!(2000);
    let (driver, call) = (cloud.provider.driver("AWS::ECS::Service").unwrap(), call(&cloud));
    let progress = driver.create(&call, &want.into()).await.unwrap();
    let Progress::Pending { so_far, note } = progress else { panic!("it was not waited for") };
    assert!(note.ends_with(" of 2000 tasks running"), "{note}");
    assert!(so_far.id.0.ends_with(":cluster/main") && so_far.id.0.contains(":service/main/slow|"), "{}", so_far.id);
    assert_eq!(so_far.attributes.text("Name"), Some("slow"));
    assert!(matches!(driver.poll(&call, &so_far).await.unwrap(), Progress::Pending { .. }));
    let sent = &cloud.wire.requests("CreateService")[1];
    assert!(sent.contains(&format!(r#""clientToken":"{}""#, "k".repeat(32))), "{sent}");
}

/// A service, and what it is asked to become.
struct Updated {
    cloud: Cloud,
    before: Json,
    id: PhysicalId,
}

impl Updated {
    async fn of(test: &'static str) -> Updated {
        let cloud = Cloud::of(test);
        let (before, made) = service_in(&cloud, 0).await;
        let id = PhysicalId(format!("{}|main", made.text("ServiceArn").unwrap()));
        Updated { cloud, before, id }
    }

    /// What is sent for a change, without what names the service.
    async fn sent(&self, before: &Json, want: &Json, paths: &[&str]) -> Result<Json, Fault> {
        let (before, want) = (before.clone().into(), want.clone().into());
        let paths = paths.iter().map(|path| path.parse().unwrap()).collect();
        let change = Change { id: self.id.clone(), before, want, paths };
        self.cloud.provider.driver("AWS::ECS::Service").unwrap().update(&call(&self.cloud), &change).await?;
        let mut body: Json = serde_json::from_str(self.cloud.wire.requests("UpdateService").last().unwrap()).unwrap();
        body.as_object_mut().unwrap().retain(|name, _| name != "cluster" && name != "service");
        Ok(body)
    }
}

#[tokio::test]
async fn a_service_update_sends_what_changed_and_takes_away_what_was_taken_away() {
    let service = Updated::of("a_service_update_sends_what_changed_and_takes_away_what_was_taken_away").await;
    let connectors = json!([{
        "PortName": "http", "Filters": {"AccessTypes": ["PUBLIC"]}, "HealthCheck": {"HealthCheckPath": "/"},
    }]);
    let connected = json!({
        "PortName": "http", "ClientAliases": [{"Port": 80, "DnsName": "web"}], "Timeout": {"IdleTimeoutSeconds": 9},
    });
    let more = json!({
        "ForceNewDeployment": {"EnableForceNewDeployment": true, "ForceNewDeploymentNonce": "1"},
        "Monitoring": {"MetricConfigurations": [{"MetricNames": ["CpuUtilization"], "ResolutionSeconds": 20}]},
        "GatewayConnectors": connectors,
        "ServiceConnectConfiguration": {
            "Enabled": true, "Namespace": "main", "ContainerConfigurations": [{"LogLevel": "debug"}],
            "Services": [connected],
        },
        "VolumeConfigurations": [{"Name": "data", "ManagedEBSVolume": {"RoleArn": "arn:role", "SizeInGiB": 10}}],
        "VpcLatticeConfigurations": [{"PortName": "http", "RoleArn": "arn:role", "TargetGroupArn": "arn:target"}],
    });
    let names: Vec<&str> = more.as_object().unwrap().keys().map(String::as_str).collect();
    let rich = with(service.before.clone(), more.clone());
    let mut expected = as_ecs_says(&more);
    expected["forceNewDeployment"] = json!(true);
    assert_eq!(service.sent(&service.before, &rich, &names).await.unwrap(), expected);
    let expected = json!({
        "gatewayConnectors": [], "serviceConnectConfiguration": {"enabled": false}, "volumeConfigurations": [],
        "vpcLatticeConfigurations": [],
    });
    assert_eq!(service.sent(&rich, &service.before, &names).await.unwrap(), expected);
}

/// The same with the names that ECS has: they begin with a small letter.
fn as_ecs_says(document: &Json) -> Json {
    let small = |name: &String| name[..1].to_lowercase() + &name[1..];
    match document {
        Json::Object(map) => map.iter().map(|(name, value)| (small(name), as_ecs_says(value))).collect(),
        Json::Array(items) => items.iter().map(as_ecs_says).collect(),
        value => value.clone(),
    }
}

#[tokio::test]
async fn a_launch_type_gives_way_to_a_strategy_only() {
    let service = Updated::of("a_launch_type_gives_way_to_a_strategy_only").await;
    let before = &service.before;
    let strategy = json!([{"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}]);
    let spot = with(before.clone(), json!({"CapacityProviderStrategy": strategy, "LaunchType": null}));
    let sent = service.sent(before, &spot, &["CapacityProviderStrategy", "LaunchType"]).await.unwrap();
    assert_eq!(sent, json!({"capacityProviderStrategy": as_ecs_says(&strategy), "forceNewDeployment": true}));
    let on_instances = with(before.clone(), json!({"LaunchType": "EC2"}));
    let fault = service.sent(before, &on_instances, &["LaunchType"]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`LaunchType` cannot be changed"), "{fault}");
}

#[tokio::test]
async fn services_are_read_ten_at_a_time_cluster_by_cluster() {
    let cloud = Cloud::of("services_are_read_ten_at_a_time_cluster_by_cluster");
    let (_, made) = service_in(&cloud, 0).await;
    let (driver, call) = (cloud.provider.driver("AWS::ECS::Service").unwrap(), call(&cloud));
    let arn = made.text("ServiceArn").unwrap();
    let mut ids: Vec<String> = (0..12).map(|number| format!("{arn}{number}|main")).collect();
    ids.extend([format!("{arn}|main"), format!("{arn}|gone"), arn.to_owned()]);
    let ids: Vec<_> = ids.into_iter().map(PhysicalId).collect();
    let found = driver.read(&call, &ids).await.unwrap();
    let clusters: Vec<_> = found.iter().map(|doc| doc.as_ref().and_then(|doc| doc.text("Cluster"))).collect();
    assert_eq!(clusters[..12], [None; 12]);
    assert_eq!(clusters[12..], [Some("main"), None, Some("main")]);
    // One is what waited for the service; fourteen in `main` take two, and one takes the cluster that there is not.
    assert_eq!(cloud.wire.requests("DescribeServices").len(), 1 + 2 + 1);
}

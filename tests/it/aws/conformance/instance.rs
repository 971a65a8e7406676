//! EC2's instances and launch templates.

use provision::{
    base::{Path, PhysicalId},
    driver::{Change, FaultKind, Made, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    group, subnet, tags, vpc,
};

const INSTANCE: &str = "AWS::EC2::Instance";
const TEMPLATE: &str = "AWS::EC2::LaunchTemplate";

/// moto forgets the credits, CPU and DNS options and enclaves, and does not show a profile that replaces another. It knows
/// no change of the credits, of the monitoring, and of what an instance does when it shuts itself down.
#[tokio::test]
async fn instance_conforms() {
    let cloud = Cloud::of("instance_conforms");
    let vpc = vpc(&cloud).await;
    let (subnet, one) = (subnet(&cloud, &vpc).await, group(&cloud, &vpc).await);
    let second = json!({"GroupDescription": "another", "GroupName": "second", "VpcId": vpc});
    let two = cloud.make_id("AWS::EC2::SecurityGroup", "second", second, "GroupId").await;
    let iam = cloud.clients.iam(&cloud.place).await;
    iam.create_instance_profile().instance_profile_name("servers").send().await.unwrap();
    let ec2 = cloud.clients.ec2(&cloud.place).await;
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(1).send().await.unwrap().volume_id.unwrap();
    let document = |kind: &str, group: &str, is_other: bool, name: &str| {
        json!({
            "ImageId": "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
            "InstanceType": kind, "SubnetId": subnet, "SecurityGroupIds": [group], "AvailabilityZone": "us-east-1a",
            "PrivateIpAddress": "10.0.1.50", "KeyName": "main", "UserData": "aGVsbG8=", "Tenancy": "default",
            "Monitoring": true, "EbsOptimized": is_other, "InstanceInitiatedShutdownBehavior": "terminate",
            "HibernationOptions": {"Configured": false}, "PropagateTagsToVolumeOnCreation": true,
            "CreditSpecification": {"CPUCredits": "standard"}, "DisableApiTermination": is_other,
            "SourceDestCheck": is_other, "Tags": tags(&[("Name", name)]),
            "MetadataOptions": {
                "HttpTokens": if is_other { "optional" } else { "required" }, "HttpEndpoint": "enabled",
                "HttpPutResponseHopLimit": if is_other { 1 } else { 2 }, "HttpProtocolIpv6": "disabled",
                "InstanceMetadataTags": "disabled",
            },
            "BlockDeviceMappings": [{
                "DeviceName": "/dev/xvda",
                "Ebs": {
                    "VolumeSize": 20, "VolumeType": "gp3", "Encrypted": true, "DeleteOnTermination": !is_other,
                },
            }],
        })
    };
    let mut want = document("t3.micro", &one, false, "a");
    want["IamInstanceProfile"] = json!("servers");
    want["Volumes"] = json!([{"Device": "/dev/sdf", "VolumeId": volume}]);
    let mut other = document("t3.small", &two, true, "b");
    other["Volumes"] = want["Volumes"].clone();
    cloud.check(INSTANCE, want, [other]).await;
}

/// moto describes every interface in the same words.
#[tokio::test]
async fn instance_of_a_template_conforms() {
    let cloud = Cloud::of("instance_of_a_template_conforms");
    let vpc = vpc(&cloud).await;
    let (subnet, group) = (subnet(&cloud, &vpc).await, group(&cloud, &vpc).await);
    let data = json!({"ImageId": "ami-12345678", "InstanceType": "t3.micro"});
    cloud.make(TEMPLATE, "template", json!({"LaunchTemplateName": "servers", "LaunchTemplateData": data})).await;
    let want = json!({
        "LaunchTemplate": {"LaunchTemplateName": "servers", "Version": "$Latest"},
        "NetworkInterfaces": [{
            "DeviceIndex": "0", "SubnetId": subnet, "GroupSet": [group], "AssociatePublicIpAddress": true,
            "DeleteOnTermination": true,
        }],
    });
    cloud.check(INSTANCE, want, []).await;
}

async fn instance(cloud: &Cloud, want: Json) -> String {
    cloud.make_id(INSTANCE, "instance", want, "InstanceId").await
}

fn plain() -> Json {
    json!({"ImageId": "ami-12345678", "InstanceType": "m5.large"})
}

fn change(id: &str, before: &Json, want: &Json, names: &[&str]) -> Change {
    Change {
        id: PhysicalId(id.to_owned()),
        before: before.clone().into(),
        want: want.clone().into(),
        paths: names.iter().map(|name| Path::key(*name)).collect(),
    }
}

#[tokio::test]
async fn an_instance_is_stopped_for_another_type_and_started_again() {
    let cloud = Cloud::of("an_instance_is_stopped_for_another_type_and_started_again");
    let id = instance(&cloud, plain()).await;
    let want = json!({"ImageId": "ami-12345678", "InstanceType": "m5.xlarge"});
    let change = change(&id, &plain(), &want, &["InstanceType"]);
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    let fault = driver.update(&cloud.call("web"), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    assert_eq!(fault.made.as_ref().map(|made| made.id.0.as_str()), Some(id.as_str()));
    assert!(fault.message.contains("`InstanceType` can only be changed while"), "{fault}");
    assert!(cloud.wire.requests("CreateTags").last().unwrap().contains("provision%3Arestart"));
    assert!(cloud.wire.requests("ModifyInstanceAttribute").is_empty());

    let done = driver.update(&cloud.call("web"), &change).await.unwrap();
    assert!(matches!(done, Progress::Done(_)), "{done:?}");
    for operation in ["StopInstances", "ModifyInstanceAttribute", "StartInstances"] {
        assert_eq!(cloud.wire.requests(operation).len(), 1, "{operation}");
    }
    assert!(cloud.wire.requests("DeleteTags").last().unwrap().contains("provision%3Arestart"));
    let live = driver.read(&cloud.call("web"), &[change.id]).await.unwrap().remove(0).unwrap();
    assert_eq!(live.get("InstanceType"), Some(&json!("m5.xlarge")));
    assert_eq!(live.get("State"), Some(&json!({"Code": "16", "Name": "running"})));
}

#[tokio::test]
async fn an_instance_that_a_run_has_left_stopped_is_started() {
    let cloud = Cloud::of("an_instance_that_a_run_has_left_stopped_is_started");
    let id = instance(&cloud, plain()).await;
    let want = json!({"ImageId": "ami-12345678", "InstanceType": "m5.xlarge"});
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    driver.update(&cloud.call("web"), &change(&id, &plain(), &want, &["InstanceType"])).await.unwrap_err();
    let made = Made { id: PhysicalId(id), attributes: json!({}).into() };
    let progress = driver.poll(&cloud.call("web"), &made).await.unwrap();
    assert!(matches!(&progress, Progress::Pending { note, .. } if note == "starting"), "{progress:?}");
    let progress = driver.poll(&cloud.call("web"), &made).await.unwrap();
    assert!(matches!(progress, Progress::Done(_)), "{progress:?}");
}

#[tokio::test]
async fn an_instance_that_cannot_be_changed_runs_again() {
    let cloud = Cloud::of("an_instance_that_cannot_be_changed_runs_again");
    let id = instance(&cloud, plain()).await;
    let want = json!({"ImageId": "ami-12345678", "InstanceType": "m6g.large"});
    let change = change(&id, &plain(), &want, &["InstanceType"]);
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    driver.update(&cloud.call("web"), &change).await.unwrap_err();
    cloud.wire.trouble("ModifyInstanceAttribute", 0, Trouble::Refused(400, "InvalidInstanceAttributeValue"));
    let fault = driver.update(&cloud.call("web"), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
    assert_eq!(cloud.wire.requests("StartInstances").len(), 1);
}

/// What moto cannot change, asked for in AWS's words.
#[tokio::test]
async fn settings_of_an_instance_are_sent_as_they_change() {
    let cloud = Cloud::of("settings_of_an_instance_are_sent_as_they_change");
    let id = instance(&cloud, plain()).await;
    let mut want = plain();
    want["Monitoring"] = json!(true);
    want["CreditSpecification"] = json!({"CPUCredits": "unlimited"});
    want["InstanceInitiatedShutdownBehavior"] = json!("terminate");
    want["PrivateDnsNameOptions"] = json!({"EnableResourceNameDnsARecord": true});
    let names = ["Monitoring", "CreditSpecification", "InstanceInitiatedShutdownBehavior", "PrivateDnsNameOptions"];
    let expected = [
        ("MonitorInstances", "InstanceId.1="),
        ("ModifyInstanceCreditSpecification", "CpuCredits=unlimited"),
        ("ModifyInstanceAttribute", "InstanceInitiatedShutdownBehavior.Value=terminate"),
        ("ModifyPrivateDnsNameOptions", "EnableResourceNameDnsARecord=true"),
    ];
    for (operation, _) in expected {
        let answer = format!("<{operation}Response><return>true</return></{operation}Response>");
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, answer));
    }
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    driver.update(&cloud.call("web"), &change(&id, &plain(), &want, &names)).await.unwrap();
    for (operation, part) in expected {
        let sent = cloud.wire.requests(operation).last().cloned().unwrap();
        assert!(sent.contains(part), "{operation}: {sent}");
    }
    assert!(cloud.wire.requests("StopInstances").is_empty());
}

/// moto wants user data to be encoded twice.
#[tokio::test]
async fn user_data_is_changed_while_the_instance_is_stopped() {
    let cloud = Cloud::of("user_data_is_changed_while_the_instance_is_stopped");
    let id = instance(&cloud, plain()).await;
    let mut want = plain();
    want["UserData"] = json!("aGVsbG8=");
    let change = change(&id, &plain(), &want, &["UserData"]);
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    driver.update(&cloud.call("web"), &change).await.unwrap_err();
    let answer = "<ModifyInstanceAttributeResponse><return>true</return></ModifyInstanceAttributeResponse>";
    cloud.wire.trouble("ModifyInstanceAttribute", 0, Trouble::Answered(200, answer.to_owned()));
    driver.update(&cloud.call("web"), &change).await.unwrap();
    let sent = &cloud.wire.requests("ModifyInstanceAttribute")[0];
    assert!(sent.contains("UserData.Value=aGVsbG8%3D"), "{sent}");
}

#[tokio::test]
async fn what_cannot_be_changed_on_an_instance_is_refused_before_anything_is_sent() {
    let cloud = Cloud::of("what_cannot_be_changed_on_an_instance_is_refused_before_anything_is_sent");
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    let device = |size: i32| json!({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": size}}]});
    let change = |before: Json, want: Json, name| change("i-0123456789abcdef0", &before, &want, &[name]);
    for (change, words) in [
        (change(device(8), device(16), "BlockDeviceMappings"), "only `DeleteOnTermination` can be changed"),
        (change(json!({}), json!({"AdditionalInfo": "x"}), "AdditionalInfo"), "`AdditionalInfo` cannot be changed"),
    ] {
        let fault = driver.update(&cloud.call("web"), &change).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert!(fault.message.contains(words), "{fault}");
    }
    for (name, words) in [
        ("SsmAssociations", "AWS::SSM::Association"),
        ("ElasticGpuSpecifications", "AWS has ended"),
        ("ElasticInferenceAccelerators", "AWS has ended"),
    ] {
        let mut want = plain();
        want[name] = json!([]);
        let fault = driver.create(&cloud.call("web"), &want.into()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert!(fault.message.contains(words), "{fault}");
    }
    assert!(cloud.wire.census().keys().all(|operation| operation.starts_with("Assume")), "{:?}", cloud.wire.census());
}

fn described(state: &str, more: &str) -> Trouble {
    let instance = format!(
        "<item><instanceId>i-0123456789abcdef0</instanceId><imageId>ami-0fedcba9876543210</imageId>\
         <instanceState><code>0</code><name>{state}</name></instanceState>{more}</item>"
    );
    let set = format!("<reservationSet><item><instancesSet>{instance}</instancesSet></item></reservationSet>");
    Trouble::Answered(200, format!("<DescribeInstancesResponse>{set}</DescribeInstancesResponse>"))
}

#[tokio::test]
async fn an_instance_is_ready_when_it_runs_and_failed_when_it_is_terminated() {
    let cloud = Cloud::of("an_instance_is_ready_when_it_runs_and_failed_when_it_is_terminated");
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    let made = Made { id: PhysicalId("i-0123456789abcdef0".to_owned()), attributes: json!({}).into() };
    cloud.wire.trouble("DescribeInstances", 0, described("pending", ""));
    let progress = driver.poll(&cloud.call("web"), &made).await.unwrap();
    assert!(matches!(&progress, Progress::Pending { note, .. } if note == "pending"), "{progress:?}");
    let reason =
        "<stateReason><code>Client.InternalError</code><message>Client error on launch</message></stateReason>";
    cloud.wire.trouble("DescribeInstances", 0, described("terminated", reason));
    let fault = driver.poll(&cloud.call("web"), &made).await.unwrap_err();
    assert_eq!((fault.message.as_str(), fault.made.as_deref()), ("Client error on launch", Some(&made)));
    cloud.wire.trouble("DescribeInstances", 0, described("stopped", ""));
    let progress = driver.poll(&cloud.call("web"), &made).await.unwrap();
    assert!(matches!(progress, Progress::Done(_)), "one that its owner has stopped stays stopped: {progress:?}");
    assert!(cloud.wire.requests("StartInstances").is_empty());
}

#[tokio::test]
async fn an_instance_is_gone_when_it_is_terminated() {
    let cloud = Cloud::of("an_instance_is_gone_when_it_is_terminated");
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    let id = PhysicalId("i-0123456789abcdef0".to_owned());
    cloud.wire.trouble("DescribeInstances", 0, described("running", ""));
    cloud.wire.trouble("TerminateInstances", 0, Trouble::Refused(400, "OperationNotPermitted"));
    let fault = driver.delete(&cloud.call("web"), &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert!(fault.message.contains("`DisableApiTermination`"), "{fault}");
    cloud.wire.trouble("DescribeInstances", 0, described("shutting-down", ""));
    let progress = driver.delete(&cloud.call("web"), &id, &Removal::default()).await.unwrap();
    assert!(matches!(progress, Progress::Pending { .. }), "{progress:?}");
    cloud.wire.trouble("DescribeInstances", 0, described("terminated", ""));
    let progress = driver.delete(&cloud.call("web"), &id, &Removal::default()).await.unwrap();
    assert!(matches!(progress, Progress::Done(())), "{progress:?}");
    assert_eq!(cloud.wire.requests("TerminateInstances").len(), 1);
}

/// EC2 reports what the parameter and `$Latest` meant at launch, and no public address while an instance is stopped.
#[tokio::test]
async fn an_instance_is_read_as_it_was_written() {
    let cloud = Cloud::of("an_instance_is_read_as_it_was_written");
    let tag = |key: &str, value: &str| format!("<item><key>{key}</key><value>{value}</value></item>");
    let tags = [
        tag("provision:image", "resolve:ssm:/images/web"),
        tag(
            "provision:launch-template",
            "{&quot;LaunchTemplateName&quot;:&quot;web&quot;,&quot;Version&quot;:&quot;$Latest&quot;}",
        ),
        tag("provision:public-address", "true"),
        tag("aws:ec2launchtemplate:id", "lt-0123456789abcdef0"),
        tag("aws:ec2launchtemplate:version", "3"),
        tag("Name", "web"),
    ];
    let attachment =
        "<attachment><deviceIndex>0</deviceIndex><deleteOnTermination>true</deleteOnTermination></attachment>";
    let more = format!(
        "<tagSet>{}</tagSet><networkInterfaceSet><item><subnetId>subnet-1</subnetId>{attachment}</item></networkInterfaceSet>",
        tags.concat()
    );
    cloud.wire.trouble("DescribeInstances", 0, described("stopped", &more));
    for (operation, times) in [("DescribeVolumes", 1), ("DescribeInstanceAttribute", 3)] {
        for _ in 0..times {
            let answer = format!("<{operation}Response></{operation}Response>");
            cloud.wire.trouble(operation, 0, Trouble::Answered(200, answer));
        }
    }
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    let id = PhysicalId("i-0123456789abcdef0".to_owned());
    let live = driver.read(&cloud.call("web"), &[id]).await.unwrap().remove(0).unwrap();
    assert_eq!(live.text("ImageId"), Some("resolve:ssm:/images/web"));
    assert_eq!(live.get("LaunchTemplate"), Some(&json!({"LaunchTemplateName": "web", "Version": "$Latest"})));
    assert_eq!(live.get("Tags"), Some(&json!([{"Key": "Name", "Value": "web"}])));
    let interface = live.get("NetworkInterfaces").unwrap().as_array().unwrap()[0].clone();
    assert_eq!((&interface["AssociatePublicIpAddress"], &interface["DeviceIndex"]), (&json!(true), &json!("0")));
}

#[tokio::test]
async fn a_volume_that_comes_too_early_leaves_the_instance_half_made() {
    let cloud = Cloud::of("a_volume_that_comes_too_early_leaves_the_instance_half_made");
    cloud.wire.trouble("AttachVolume", 0, Trouble::Refused(400, "IncorrectState"));
    let mut want = plain();
    want["Volumes"] = json!([{"Device": "/dev/sdf", "VolumeId": "vol-0123456789abcdef0"}]);
    let driver = cloud.provider.driver(INSTANCE).unwrap();
    let fault = driver.create(&cloud.call("web"), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
    assert!(fault.made.unwrap().id.0.starts_with("i-"));
}

fn data(image: &str) -> Json {
    json!({
        "ImageId": image, "UserData": "aGVsbG8=", "EbsOptimized": true, "KeyName": "main",
        "DisableApiTermination": true, "DisableApiStop": false, "InstanceInitiatedShutdownBehavior": "terminate",
        "IamInstanceProfile": {"Name": "servers"}, "SecurityGroupIds": ["sg-0123456789abcdef0"],
        "BlockDeviceMappings": [{
            "DeviceName": "/dev/xvda",
            "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Throughput": 250, "Encrypted": true},
        }],
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled"},
        "Monitoring": {"Enabled": true}, "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2},
        "Placement": {"Tenancy": "default", "AvailabilityZone": "us-east-1a"},
        "PrivateDnsNameOptions": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": true},
        "InstanceMarketOptions": {
            "MarketType": "spot", "SpotOptions": {"MaxPrice": "0.1", "ValidUntil": "2030-01-31T08:00:00Z"},
        },
        "InstanceRequirements": {
            "VCpuCount": {"Min": 2, "Max": 4}, "MemoryMiB": {"Min": 2048}, "MemoryGiBPerVCpu": {"Min": 0.5},
            "CpuManufacturers": ["amd", "intel"], "BurstablePerformance": "included",
        },
        "TagSpecifications": [{"ResourceType": "instance", "Tags": tags(&[("Name", "web")])}],
    })
}

/// Nothing of a version is ever read back, so the requests are looked at, too.
#[tokio::test]
async fn launch_template_conforms() {
    let cloud = Cloud::of("launch_template_conforms");
    let document = |image: &str, description: &str| {
        json!({
            "LaunchTemplateName": "main", "VersionDescription": description, "LaunchTemplateData": data(image),
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": tags(&[("Name", description)])}],
        })
    };
    cloud.check(TEMPLATE, document("ami-12345678", "one"), [document("ami-87654321", "two")]).await;
    for operation in ["CreateLaunchTemplate", "CreateLaunchTemplateVersion"] {
        let sent = &cloud.wire.requests(operation)[0];
        for part in [
            "ClientToken=",
            "LaunchTemplateData.BlockDeviceMapping.1.Ebs.Throughput=250",
            "LaunchTemplateData.IamInstanceProfile.Name=servers",
            "LaunchTemplateData.InstanceRequirements.MemoryGiBPerVCpu.Min=0.5",
            "LaunchTemplateData.InstanceRequirements.VCpuCount.Max=4",
            "LaunchTemplateData.MetadataOptions.HttpTokens=required",
        ] {
            assert!(sent.contains(part), "{operation}: no {part} in {sent}");
        }
    }
}

#[tokio::test]
async fn a_changed_launch_template_has_a_new_default_version() {
    let cloud = Cloud::of("a_changed_launch_template_has_a_new_default_version");
    let document = |image: &str, tags: Json| {
        let own = json!([{"ResourceType": "launch-template", "Tags": tags}]);
        json!({"LaunchTemplateName": "main", "LaunchTemplateData": {"ImageId": image}, "TagSpecifications": own})
    };
    let before = document("ami-12345678", tags(&[("Name", "a"), ("Team", "b")]));
    let id = cloud.make_id(TEMPLATE, "main", before.clone(), "LaunchTemplateId").await;
    let driver = cloud.provider.driver(TEMPLATE).unwrap();
    let want = document("ami-87654321", tags(&[("Name", "b")]));
    let change = change(&id, &before, &want, &["LaunchTemplateData", "TagSpecifications"]);
    let Progress::Done(made) = driver.update(&cloud.call("main"), &change).await.unwrap() else { panic!("it waits") };
    let versions = ["DefaultVersionNumber", "LatestVersionNumber"].map(|name| made.attributes.text(name));
    assert_eq!(versions, [Some("2"), Some("2")]);
    let taken = cloud.wire.requests("DeleteTags").remove(0);
    assert!(taken.contains("Tag.1.Key=Team") && !taken.contains("provision"), "{taken}");
    assert!(cloud.wire.requests("CreateTags")[0].contains("Tag.1.Key=Name&Tag.1.Value=b"));
}

#[tokio::test]
async fn tags_of_other_things_do_not_belong_to_a_launch_template() {
    let cloud = Cloud::of("tags_of_other_things_do_not_belong_to_a_launch_template");
    let want = json!({
        "LaunchTemplateName": "main", "LaunchTemplateData": {"ImageId": "ami-12345678"},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": tags(&[("Name", "a")])}],
    });
    let driver = cloud.provider.driver(TEMPLATE).unwrap();
    let fault = driver.create(&cloud.call("main"), &want.into()).await.unwrap_err();
    assert!(fault.message.contains("`ResourceType: launch-template`"), "{fault}");
}

/// One id that does not exist refuses the whole request.
#[tokio::test]
async fn launch_templates_are_read_beside_one_that_is_gone() {
    let cloud = Cloud::of("launch_templates_are_read_beside_one_that_is_gone");
    let want = json!({"LaunchTemplateName": "main", "LaunchTemplateData": {"ImageId": "ami-12345678"}});
    let id = cloud.make_id(TEMPLATE, "main", want, "LaunchTemplateId").await;
    cloud.wire.trouble("DescribeLaunchTemplates", 0, Trouble::Refused(400, "InvalidLaunchTemplateId.NotFound"));
    let driver = cloud.provider.driver(TEMPLATE).unwrap();
    let ids = [id, "lt-0123456789abcdef0".to_owned()].map(PhysicalId);
    let found = driver.read(&cloud.call("main"), &ids).await.unwrap();
    assert_eq!((found[0].is_some(), found[1].is_some()), (true, false));
}

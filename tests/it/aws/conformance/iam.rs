//! IAM.

use provision::{
    base::{Address, Doc, PhysicalId, Token},
    driver::{Call, FaultKind, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

/// Who may take a role.
pub fn trust(service: &str) -> Json {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub fn allow(action: &str) -> Json {
    // A plus and a blank show whether documents are decoded rightly. moto encodes only some of them, so no percent sign.
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::a+b c/*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub async fn role(cloud: &Cloud, name: &str) -> Doc {
    let want = json!({"RoleName": name, "AssumeRolePolicyDocument": trust("lambda.amazonaws.com")});
    cloud.make("AWS::IAM::Role", name, want).await
}

async fn policy(cloud: &Cloud, name: &str) -> String {
    let want = json!({"ManagedPolicyName": name, "PolicyDocument": allow("s3:GetObject")});
    cloud.make_id("AWS::IAM::ManagedPolicy", name, want, "PolicyArn").await
}

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

/// A refused policy, as IAM words it.
fn malformed(message: &str) -> Trouble {
    let error = format!("<Error><Code>MalformedPolicyDocument</Code><Message>{message}</Message></Error>");
    Trouble::Answered(400, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

#[tokio::test]
async fn role_conforms() {
    let cloud = Cloud::of("role_conforms");
    let (one, two) = (policy(&cloud, "one").await, policy(&cloud, "two").await);
    let inline = |name: &str, action: &str| json!({"PolicyName": name, "PolicyDocument": allow(action)});
    let want = json!({
        "RoleName": "main", "Path": "/service/", "Description": "starts + stops 100 % of all tasks",
        "AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com"), "MaxSessionDuration": 7200,
        "PermissionsBoundary": one, "ManagedPolicyArns": [one, two],
        "Policies": [inline("a", "s3:GetObject"), inline("b", "s3:PutObject")],
        "Tags": tags(&[("Name", "main"), ("Team", "a")]),
    });
    let other = json!({
        "RoleName": "main", "Path": "/service/", "Description": "other",
        "AssumeRolePolicyDocument": trust("lambda.amazonaws.com").to_string(), "PermissionsBoundary": two,
        "ManagedPolicyArns": [two], "Policies": [inline("b", "s3:ListBucket"), inline("c", "s3:GetObject")],
        "Tags": tags(&[("Name", "other")]),
    });
    let least =
        json!({"RoleName": "main", "Path": "/service/", "AssumeRolePolicyDocument": trust("lambda.amazonaws.com")});
    cloud.check("AWS::IAM::Role", want, [other, least]).await;
}

#[tokio::test]
async fn role_policy_conforms() {
    let cloud = Cloud::of("role_policy_conforms");
    role(&cloud, "main").await;
    let document = |action: &str| json!({"RoleName": "main", "PolicyName": "read", "PolicyDocument": allow(action)});
    cloud.check("AWS::IAM::RolePolicy", document("s3:GetObject"), [document("s3:ListBucket")]).await;
}

#[tokio::test]
async fn managed_policy_conforms() {
    let cloud = Cloud::of("managed_policy_conforms");
    role(&cloud, "one").await;
    role(&cloud, "two").await;
    let iam = cloud.clients.iam(&cloud.place).await;
    iam.create_user().user_name("ann").send().await.unwrap();
    iam.create_group().group_name("all").send().await.unwrap();
    let document = |action: &str, roles: Json, users: Json, groups: Json| {
        json!({
            "ManagedPolicyName": "main", "Path": "/service/", "Description": "reads", "PolicyDocument": allow(action),
            "Roles": roles, "Users": users, "Groups": groups,
        })
    };
    // Back and forth more often than IAM keeps versions.
    let updates = ["s3:a", "s3:b", "s3:c", "s3:d", "s3:e", "s3:f"]
        .map(|action| document(action, json!(["two"]), json!([]), json!(["all"])));
    let want = document("s3:GetObject", json!(["one", "two"]), json!(["ann"]), json!([]));
    cloud.check("AWS::IAM::ManagedPolicy", want, updates).await;
}

#[tokio::test]
async fn instance_profile_conforms() {
    let cloud = Cloud::of("instance_profile_conforms");
    role(&cloud, "one").await;
    role(&cloud, "two").await;
    let document = |role: &str| json!({"InstanceProfileName": "main", "Path": "/service/", "Roles": [role]});
    cloud.check("AWS::IAM::InstanceProfile", document("one"), [document("two")]).await;
}

/// Putting over a policy that is there would take it over without a word.
#[tokio::test]
async fn a_role_policy_of_somebody_else_is_seen_before_it_is_overwritten() {
    let cloud = Cloud::of("a_role_policy_of_somebody_else_is_seen_before_it_is_overwritten");
    role(&cloud, "main").await;
    let driver = cloud.provider.driver("AWS::IAM::RolePolicy").unwrap();
    let want: Doc = json!({"RoleName": "main", "PolicyName": "read", "PolicyDocument": allow("s3:GetObject")}).into();
    assert_eq!(driver.taken(&call(&cloud), &want).await.unwrap(), None);
    let iam = cloud.clients.iam(&cloud.place).await;
    let foreign = allow("s3:PutObject").to_string();
    let request = iam.put_role_policy().role_name("main").policy_name("read").policy_document(foreign);
    request.send().await.unwrap();
    assert_eq!(driver.taken(&call(&cloud), &want).await.unwrap(), Some(PhysicalId("read|main".to_owned())));
    assert_eq!(driver.find(&call(&cloud), &want).await.unwrap(), []);
}

#[tokio::test]
async fn a_role_that_others_count_on_stays_as_it_is() {
    let cloud = Cloud::of("a_role_that_others_count_on_stays_as_it_is");
    let (ours, foreign) = (policy(&cloud, "ours").await, policy(&cloud, "foreign").await);
    let inline = json!([{"PolicyName": "a", "PolicyDocument": allow("s3:GetObject")}]);
    let want = json!({
        "RoleName": "main", "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), "ManagedPolicyArns": [ours],
        "Policies": inline,
    });
    cloud.make("AWS::IAM::Role", "main", want.clone()).await;
    let profile = json!({"InstanceProfileName": "servers", "Roles": ["main"]});
    cloud.make("AWS::IAM::InstanceProfile", "servers", profile).await;
    let iam = cloud.clients.iam(&cloud.place).await;
    iam.attach_role_policy().role_name("main").policy_arn(&foreign).send().await.unwrap();

    let driver = cloud.provider.driver("AWS::IAM::Role").unwrap();
    let (id, removal) = (PhysicalId("main".to_owned()), Removal { final_snapshot: None, inputs: want.into() });
    let fault = driver.delete(&call(&cloud), &id, &removal).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse, "{fault}");
    let expected = ["instance profile servers".to_owned(), format!("{foreign} (attached, and not by this role)")];
    assert_eq!(fault.blockers, expected);
    let live = driver.read(&call(&cloud), std::slice::from_ref(&id)).await.unwrap().remove(0).unwrap();
    assert_eq!(live.get("Policies").and_then(Json::as_array).map(Vec::len), Some(1), "nothing was touched");

    iam.detach_role_policy().role_name("main").policy_arn(&foreign).send().await.unwrap();
    let request = iam.remove_role_from_instance_profile().instance_profile_name("servers").role_name("main");
    request.send().await.unwrap();
    assert_eq!(driver.delete(&call(&cloud), &id, &removal).await.unwrap(), Progress::Done(()));
}

#[tokio::test]
async fn a_managed_policy_that_others_bear_stays() {
    let cloud = Cloud::of("a_managed_policy_that_others_bear_stays");
    role(&cloud, "main").await;
    let arn = PhysicalId(policy(&cloud, "main").await);
    let iam = cloud.clients.iam(&cloud.place).await;
    iam.attach_role_policy().role_name("main").policy_arn(&arn.0).send().await.unwrap();
    let driver = cloud.provider.driver("AWS::IAM::ManagedPolicy").unwrap();
    let fault = driver.delete(&call(&cloud), &arn, &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["role main".to_owned()]));
}

/// Who was made a moment ago is not known everywhere yet.
#[tokio::test]
async fn a_role_for_somebody_new_is_tried_again() {
    let cloud = Cloud::of("a_role_for_somebody_new_is_tried_again");
    cloud.wire.trouble("CreateRole", 0, malformed("Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/new\""));
    let driver = cloud.provider.driver("AWS::IAM::Role").unwrap();
    let want = json!({"RoleName": "main", "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}).into();
    let fault = driver.create(&call(&cloud), &want).await.unwrap_err();
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::NotReady, Some("MalformedPolicyDocument")), "{fault}");
}

/// What is half-made says so, and a look-up finds it.
#[tokio::test]
async fn a_role_whose_policies_cannot_be_put_is_half_made() {
    let cloud = Cloud::of("a_role_whose_policies_cannot_be_put_is_half_made");
    cloud.wire.trouble("PutRolePolicy", 0, malformed("Syntax errors in policy."));
    let driver = cloud.provider.driver("AWS::IAM::Role").unwrap();
    let inline = json!([{"PolicyName": "a", "PolicyDocument": allow("s3:GetObject")}]);
    let want = json!({"RoleName": "main", "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), "Policies": inline});
    let want = want.into();
    let fault = driver.create(&call(&cloud), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
    assert_eq!(fault.made.map(|made| made.id), Some(PhysicalId("main".to_owned())));
    assert_eq!(driver.find(&call(&cloud), &want).await.unwrap(), [PhysicalId("main".to_owned())]);
}

#[tokio::test]
async fn service_linked_role_conforms() {
    let cloud = Cloud::of("service_linked_role_conforms");
    let document = |text: &str| json!({"AWSServiceName": "ecs.amazonaws.com", "Description": text});
    let least = json!({"AWSServiceName": "ecs.amazonaws.com"});
    cloud.check("AWS::IAM::ServiceLinkedRole", document("a"), [document("b"), least]).await;
}

#[tokio::test]
async fn service_linked_role_with_a_suffix_conforms() {
    let cloud = Cloud::of("service_linked_role_with_a_suffix_conforms");
    let document = |suffix: &str| json!({"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": suffix});
    cloud.make("AWS::IAM::ServiceLinkedRole", "other", document("other")).await;
    cloud.check("AWS::IAM::ServiceLinkedRole", document("main"), []).await;
}

/// moto deletes such roles at once, and words a name that is taken otherwise. The answers are AWS's, as its documentation
/// shows them.
#[tokio::test]
async fn what_keeps_a_service_linked_role_is_named() {
    let cloud = Cloud::of("what_keeps_a_service_linked_role_is_named");
    let task = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/1";
    let answer = |operation: &str, result: &str| {
        let result = format!("<{operation}Result>{result}</{operation}Result>");
        cloud.wire.trouble(
            operation,
            0,
            Trouble::Answered(200, format!("<{operation}Response>{result}</{operation}Response>")),
        );
    };
    let status = "GetServiceLinkedRoleDeletionStatus";
    let usage = "<member><Region>us-east-1</Region><Resources><member>service web</member></Resources></member>";
    let reason = format!("<Reason><Reason>in use</Reason><RoleUsageList>{usage}</RoleUsageList></Reason>");
    for _ in 0..2 {
        answer("DeleteServiceLinkedRole", &format!("<DeletionTaskId>{task}</DeletionTaskId>"));
    }
    answer(status, "<Status>IN_PROGRESS</Status>");
    answer(status, &format!("<Status>FAILED</Status>{reason}"));
    answer(status, "<Status>SUCCEEDED</Status>");
    let driver = cloud.provider.driver("AWS::IAM::ServiceLinkedRole").unwrap();
    let (id, removal) = (PhysicalId("AWSServiceRoleForECS".to_owned()), Removal::default());
    let under_way = driver.delete(&call(&cloud), &id, &removal).await.unwrap();
    assert!(matches!(under_way, Progress::Pending { .. }));
    let fault = driver.delete(&call(&cloud), &id, &removal).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["service web in us-east-1".to_owned()]));
    assert_eq!(cloud.wire.requests("DeleteServiceLinkedRole").len(), 1, "another task would hide why this one failed");
    assert_eq!(driver.delete(&call(&cloud), &id, &removal).await.unwrap(), Progress::Done(()));

    let message =
        "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.";
    let error = format!("<Error><Code>InvalidInput</Code><Message>{message}</Message></Error>");
    let refused = Trouble::Answered(400, format!("<ErrorResponse>{error}</ErrorResponse>"));
    cloud.wire.trouble("CreateServiceLinkedRole", 0, refused);
    let want = json!({"AWSServiceName": "ecs.amazonaws.com"}).into();
    let fault = driver.create(&call(&cloud), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::AlreadyExists, "{fault}");
}

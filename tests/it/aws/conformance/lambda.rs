//! Lambda.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use provision::{
    base::{
        Address, Doc, Path, PhysicalId, Token,
        archive::{self, Entry},
    },
    driver::{Call, Change, FaultKind, Made, Owner, Progress, Provider},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    group, iam, subnet, tags, vpc,
};

const SOURCE: &str = "def handler(event, context):\n    pass\n";

async fn role(cloud: &Cloud, name: &str) -> String {
    iam::role(cloud, name).await.text("Arn").unwrap().to_owned()
}

async fn function(cloud: &Cloud) -> String {
    let want = json!({
        "FunctionName": "main", "Role": role(cloud, "main").await, "Runtime": "python3.13", "Handler": "index.handler",
        "Code": {"ZipFile": SOURCE},
    });
    cloud.make_id("AWS::Lambda::Function", "function", want, "Arn").await
}

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

/// moto keeps neither dead letters, logging nor changes of tracing, and does not know the settings of recursion, runtime
/// and scaling.
#[tokio::test]
async fn function_conforms() {
    let cloud = Cloud::of("function_conforms");
    let (one, two) = (role(&cloud, "one").await, role(&cloud, "two").await);
    let want = json!({
        "FunctionName": "rotate", "Description": "rotates", "Runtime": "python3.13", "Handler": "index.handler",
        "Timeout": 60, "MemorySize": 256, "Role": one, "Code": {"ZipFile": SOURCE}, "PackageType": "Zip",
        "Environment": {"Variables": {"CLUSTER": "main", "COUNT": 2}}, "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"}, "Architectures": ["arm64"], "ReservedConcurrentExecutions": 5,
        "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    });
    let other = json!({
        "FunctionName": "rotate", "Description": "other", "Runtime": "python3.12", "Handler": "index.other",
        "Timeout": 30, "MemorySize": 512, "Role": two, "Code": {"ZipFile": format!("{SOURCE}# other\n")},
        "PackageType": "Zip", "Environment": {"Variables": {"CLUSTER": "other"}}, "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"}, "Architectures": ["arm64"], "ReservedConcurrentExecutions": 6,
        "Tags": tags(&[("Name", "b")]),
    });
    let least = json!({
        "FunctionName": "rotate", "Runtime": "python3.12", "Handler": "index.other", "Role": two,
        "Code": {"ZipFile": SOURCE}, "PackageType": "Zip", "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"}, "Architectures": ["arm64"],
    });
    cloud.check("AWS::Lambda::Function", want, [other, least]).await;
}

#[tokio::test]
async fn function_in_a_vpc_conforms() {
    let cloud = Cloud::of("function_in_a_vpc_conforms");
    let vpc = vpc(&cloud).await;
    let want = json!({
        "FunctionName": "inside", "Runtime": "nodejs22.x", "Handler": "index.handler", "Role": role(&cloud, "one").await,
        "Code": {"ZipFile": "exports.handler = async () => {}"},
        "VpcConfig": {"SubnetIds": [subnet(&cloud, &vpc).await], "SecurityGroupIds": [group(&cloud, &vpc).await]},
    });
    cloud.check("AWS::Lambda::Function", want, []).await;
}

/// The code of these files, as `zip(…)` gives it.
fn packed(files: &[(&str, &str)]) -> String {
    let entry = |(name, text): &(&str, &str)| Entry {
        name: (*name).to_owned(),
        is_executable: false,
        content: text.as_bytes().to_vec(),
    };
    archive::to_text(&archive::pack(&files.iter().map(entry).collect::<Vec<_>>()).unwrap())
}

#[tokio::test]
async fn function_from_an_archive_conforms() {
    let cloud = Cloud::of("function_from_an_archive_conforms");
    let (role, words) = (role(&cloud, "one").await, ("lib/words.py", "HELLO = 'hello'\n"));
    let function = |code: String| {
        json!({
            "FunctionName": "packed", "Runtime": "python3.13", "Handler": "main.handler", "Role": role,
            "Code": {"ZipFile": code},
        })
    };
    let first = packed(&[("main.py", SOURCE), words]);
    let other = function(packed(&[("main.py", SOURCE)]));
    cloud.check("AWS::Lambda::Function", function(first.clone()), [other]).await;
    let sent = cloud.wire.requests("CreateFunction");
    assert!(sent.iter().any(|body| body.contains(&first)), "the archive is sent as it is");
}

#[tokio::test]
async fn permission_conforms() {
    let cloud = Cloud::of("permission_conforms");
    let want = json!({
        "FunctionName": function(&cloud).await, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
        "SourceAccount": "123456789012", "SourceArn": "arn:aws:events:us-east-1:123456789012:rule/r",
    });
    cloud.check("AWS::Lambda::Permission", want, []).await;
}

#[tokio::test]
async fn permission_by_the_name_of_a_function_conforms() {
    let cloud = Cloud::of("permission_by_the_name_of_a_function_conforms");
    function(&cloud).await;
    let want = json!({
        "FunctionName": "main", "Action": "lambda:InvokeFunction", "Principal": "123456789012",
        "PrincipalOrgID": "o-1234567890",
    });
    cloud.check("AWS::Lambda::Permission", want, []).await;
}

fn wanted(role: &str, rest: Json) -> Doc {
    let mut want = Doc::from(json!({
        "FunctionName": "main", "Role": role, "Runtime": "python3.13", "Handler": "index.handler",
        "Code": {"ZipFile": SOURCE},
    }));
    want.0.extend(Doc::from(rest).0);
    want
}

/// A refusal, as Lambda words it.
fn refused(status: u16, code: &str, message: &str) -> Trouble {
    Trouble::Answered(status, json!({"__type": code, "Message": message}).to_string())
}

/// IAM spreads a new role slowly, and until then Lambda calls it wrong.
#[tokio::test]
async fn a_function_with_a_role_that_is_too_new_is_tried_again() {
    let cloud = Cloud::of("a_function_with_a_role_that_is_too_new_is_tried_again");
    let role = role(&cloud, "main").await;
    let words = "The role defined for the function cannot be assumed by Lambda.";
    cloud.wire.trouble("CreateFunction", 0, refused(400, "InvalidParameterValueException", words));
    let driver = cloud.provider.driver("AWS::Lambda::Function").unwrap();
    let fault = driver.create(&call(&cloud), &wanted(&role, json!({}))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    assert!(fault.made.is_none());
    let words = "Unzipped size must be smaller";
    cloud.wire.trouble("CreateFunction", 0, refused(400, "InvalidParameterValueException", words));
    let fault = driver.create(&call(&cloud), &wanted(&role, json!({}))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
}

/// A setting that Lambda takes only later leaves a function that can be completed.
#[tokio::test]
async fn settings_that_come_too_early_are_put_once_the_function_is_ready() {
    let cloud = Cloud::of("settings_that_come_too_early_are_put_once_the_function_is_ready");
    let role = role(&cloud, "main").await;
    let driver = cloud.provider.driver("AWS::Lambda::Function").unwrap();
    let settings = json!({
        "RecursiveLoop": "Allow",
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:1"},
        "ReservedConcurrentExecutions": 3,
    });
    cloud.wire.trouble(
        "PutFunctionRecursionConfig",
        0,
        refused(409, "ResourceConflictException", "an update is in progress"),
    );
    let fault = driver.create(&call(&cloud), &wanted(&role, settings.clone())).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    let made = fault.made.expect("the function exists");
    let live = driver.read(&call(&cloud), std::slice::from_ref(&made.id)).await.unwrap().remove(0).unwrap();
    let paths = ["RecursiveLoop", "RuntimeManagementConfig"].map(Path::key).to_vec();
    let change = Change { id: made.id, before: live, want: wanted(&role, settings), paths };
    cloud.wire.trouble("PutFunctionRecursionConfig", 0, Trouble::Answered(200, "{}".to_owned()));
    let answer = r#"{"UpdateRuntimeOn": "Manual", "FunctionArn": "arn"}"#;
    cloud.wire.trouble("PutRuntimeManagementConfig", 0, Trouble::Answered(200, answer.to_owned()));
    driver.update(&call(&cloud), &change).await.unwrap();
    assert_eq!(cloud.wire.requests("PutFunctionRecursionConfig")[1], r#"{"RecursiveLoop":"Allow"}"#);
    let runtime = &cloud.wire.requests("PutRuntimeManagementConfig")[0];
    assert!(runtime.contains("Manual") && runtime.contains("runtime:1"), "{runtime}");
}

/// Lambda takes one change at a time. The engine repeats the whole update, and the code is not sent again.
#[tokio::test]
async fn code_and_configuration_change_one_after_the_other() {
    let cloud = Cloud::of("code_and_configuration_change_one_after_the_other");
    let role = role(&cloud, "main").await;
    let driver = cloud.provider.driver("AWS::Lambda::Function").unwrap();
    let before = wanted(&role, json!({}));
    driver.create(&call(&cloud), &before).await.unwrap();
    let want = wanted(&role, json!({"Code": {"ZipFile": "def handler(a, b): return 1"}, "Timeout": 9}));
    let paths = ["Code", "Timeout"].map(Path::key).to_vec();
    let change = Change { id: PhysicalId("main".to_owned()), before, want, paths };
    // moto carries out what it should only try.
    let shown = r#"{"FunctionName": "main", "CodeSha256": "another"}"#;
    cloud.wire.trouble("UpdateFunctionCode", 0, Trouble::Answered(200, shown.to_owned()));
    cloud.wire.trouble(
        "UpdateFunctionConfiguration",
        0,
        refused(409, "ResourceConflictException", "an update is in progress"),
    );
    let fault = driver.update(&call(&cloud), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    let sent = cloud.wire.requests("UpdateFunctionCode");
    assert_eq!(sent.iter().map(|body| body.contains("DryRun")).collect::<Vec<_>>(), [true, false]);
    assert!(matches!(driver.update(&call(&cloud), &change).await.unwrap(), Progress::Done(_)));
    let sent = cloud.wire.requests("UpdateFunctionCode");
    assert_eq!(sent.iter().map(|body| body.contains("DryRun")).collect::<Vec<_>>(), [true, false, true]);
    let configuration = cloud.wire.requests("UpdateFunctionConfiguration");
    assert_eq!(configuration, [r#"{"Timeout":9}"#, r#"{"Timeout":9}"#]);
}

/// What is taken out of the document returns to Lambda's defaults; moto does not keep all of these.
#[tokio::test]
async fn what_a_function_no_longer_says_returns_to_the_defaults() {
    let cloud = Cloud::of("what_a_function_no_longer_says_returns_to_the_defaults");
    let role = role(&cloud, "main").await;
    let driver = cloud.provider.driver("AWS::Lambda::Function").unwrap();
    let queue = "arn:aws:sqs:us-east-1:123456789012:letters";
    let before = wanted(
        &role,
        json!({
            "DeadLetterConfig": {"TargetArn": queue}, "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "other"},
            "SnapStart": {"ApplyOn": "PublishedVersions"}, "TracingConfig": {"Mode": "Active"},
            "EphemeralStorage": {"Size": 1024}, "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k",
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, "MemorySize": 512,
        }),
    );
    driver.create(&call(&cloud), &wanted(&role, json!({}))).await.unwrap();
    let want = wanted(&role, json!({}));
    let gone = before.0.keys().filter(|name| want.get(name).is_none());
    let paths = gone.map(Path::key).collect();
    let change = Change { id: PhysicalId("main".to_owned()), before, want, paths };
    driver.update(&call(&cloud), &change).await.unwrap();
    let sent: Json = serde_json::from_str(&cloud.wire.requests("UpdateFunctionConfiguration")[0]).unwrap();
    let expected = json!({
        "DeadLetterConfig": {"TargetArn": ""}, "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/main"},
        "SnapStart": {"ApplyOn": "None"}, "TracingConfig": {"Mode": "PassThrough"}, "EphemeralStorage": {"Size": 512},
        "KMSKeyArn": "", "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}, "MemorySize": 128,
    });
    assert_eq!(sent, expected);
    assert_eq!(cloud.wire.requests("UpdateFunctionCode"), Vec::<String>::new());
}

#[tokio::test]
async fn a_function_is_waited_for_and_its_failure_is_told() {
    let cloud = Cloud::of("a_function_is_waited_for_and_its_failure_is_told");
    let driver = cloud.provider.driver("AWS::Lambda::Function").unwrap();
    let made = Made { id: PhysicalId("main".to_owned()), attributes: Doc::default() };
    let states = [
        (r#""State": "Pending""#, "Pending"),
        (r#""State": "Active", "LastUpdateStatus": "InProgress""#, "update in progress"),
    ];
    for (state, word) in states {
        let body = format!(r#"{{"Configuration": {{"FunctionName": "main", {state}}}}}"#);
        cloud.wire.trouble("GetFunction", 0, Trouble::Answered(200, body));
        match driver.poll(&call(&cloud), &made).await.unwrap() {
            Progress::Pending { note, .. } => assert_eq!(note, word),
            Progress::Done(_) => panic!("{state} is not ready"),
        }
    }
    let failures = [
        r#""State": "Failed", "StateReasonCode": "InvalidSubnet", "StateReason": "no such subnet""#,
        r#""State": "Active", "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no such subnet""#,
    ];
    for state in failures {
        let body = format!(r#"{{"Configuration": {{"FunctionName": "main", {state}}}}}"#);
        cloud.wire.trouble("GetFunction", 0, Trouble::Answered(200, body));
        let fault = driver.poll(&call(&cloud), &made).await.unwrap_err();
        assert_eq!((fault.kind, &*fault.message), (FaultKind::Other, "no such subnet"));
        assert!(fault.made.is_some());
    }
}

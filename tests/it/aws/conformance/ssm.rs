//! Systems Manager.

use provision::{
    base::PhysicalId,
    driver::{Progress, Provider},
};
use serde_json::json;

use super::super::cloud::Cloud;

const PARAMETER: &str = "AWS::SSM::Parameter";

#[tokio::test]
async fn ssm_parameter_conforms() {
    let cloud = Cloud::of("ssm_parameter_conforms");
    let policy =
        json!([{"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "20", "Unit": "Days"}}]);
    let want = json!({
        "Name": "/main/url", "Type": "String", "Value": "one", "DataType": "text", "Description": "where it is",
        "AllowedPattern": "[a-z]+", "Tier": "Advanced", "Policies": policy.to_string(),
        "Tags": {"Name": "a", "Team": "b"},
    });
    let other = json!({
        "Name": "/main/url", "Type": "StringList", "Value": "a,b", "DataType": "text", "Tier": "Advanced",
        "Description": "where they are", "Tags": {"Name": "b"},
    });
    let least = json!({"Name": "/main/url", "Type": "String", "Value": "two", "DataType": "text"});
    cloud.check(PARAMETER, want, [other, least]).await;
    let last = cloud.wire.requests("PutParameter").into_iter().find(|body| body.contains("two")).unwrap();
    let sent: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!((&sent["Description"], &sent["Overwrite"]), (&json!(""), &json!(true)));
}

#[tokio::test]
async fn a_parameter_with_the_id_of_an_image_is_there_once_that_is_checked() {
    let cloud = Cloud::of("a_parameter_with_the_id_of_an_image_is_there_once_that_is_checked");
    let (driver, call) = (cloud.provider.driver(PARAMETER).unwrap(), cloud.call("main"));
    let want =
        json!({"Name": "/main/image", "Type": "String", "Value": "ami-0123456789abcdef0", "DataType": "aws:ec2:image"});
    let Progress::Pending { so_far, .. } = driver.create(&call, &want.into()).await.unwrap() else {
        panic!("not checked yet");
    };
    let Progress::Done(made) = driver.poll(&call, &so_far).await.unwrap() else { panic!("it is there") };
    assert!(made.attributes.text("Arn").unwrap().ends_with(":parameter/main/image"));
}

#[tokio::test]
async fn parameters_are_read_ten_at_a_time() {
    let cloud = Cloud::of("parameters_are_read_ten_at_a_time");
    cloud.make(PARAMETER, "main", json!({"Name": "/main/url", "Type": "String", "Value": "one"})).await;
    let before = cloud.wire.requests("GetParameters").len();
    let names = (0..10).map(|number| format!("/main/none{number}")).chain(["/main/url".to_owned()]);
    let ids: Vec<PhysicalId> = names.map(PhysicalId).collect();
    let found = cloud.provider.driver(PARAMETER).unwrap().read(&cloud.call("main"), &ids).await.unwrap();
    assert!(found[..10].iter().all(Option::is_none));
    assert_eq!(found[10].as_ref().unwrap().text("Value"), Some("one"));
    assert_eq!(cloud.wire.requests("GetParameters").len() - before, 2);
}

//! SNS.

use provision::{
    base::PhysicalId,
    driver::{FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const TOPIC: &str = "AWS::SNS::Topic";
const SUBSCRIPTION: &str = "AWS::SNS::Subscription";
const POLICY: &str = "AWS::SNS::TopicPolicy";

async fn topic(cloud: &Cloud, name: &str) -> String {
    cloud.make_id(TOPIC, name, json!({"TopicName": name}), "TopicArn").await
}

// moto keeps neither tracing, signatures, message sizes, archives, data protection nor the logging of deliveries.
#[tokio::test]
async fn topic_conforms() {
    let cloud = Cloud::of("topic_conforms");
    let subscriber = |endpoint: &str| json!({"Protocol": "email", "Endpoint": endpoint});
    let want = json!({
        "TopicName": "alarms", "DisplayName": "Alarms", "KmsMasterKeyId": "alias/aws/sns",
        "Subscription": [subscriber("a@example.com"), subscriber("b@example.com")], "Tags": tags(&[("Name", "a")]),
    });
    let other = json!({
        "TopicName": "alarms", "DisplayName": "Other", "Subscription": [subscriber("c@example.com")],
        "Tags": tags(&[("Team", "b")]),
    });
    cloud.check(TOPIC, want, [other]).await;
}

#[tokio::test]
async fn fifo_topic_conforms() {
    let cloud = Cloud::of("fifo_topic_conforms");
    let document = |name: &str| json!({"TopicName": "orders.fifo", "FifoTopic": true, "ContentBasedDeduplication": true, "DisplayName": name});
    cloud.check(TOPIC, document("a"), [document("b")]).await;
    let driver = cloud.provider.driver(TOPIC).unwrap();
    let want = json!({"TopicName": "orders", "FifoTopic": true}).into();
    let fault = driver.create(&cloud.call("orders"), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
}

#[tokio::test]
async fn the_logging_of_deliveries_is_made_of_attributes() {
    let cloud = Cloud::of("the_logging_of_deliveries_is_made_of_attributes");
    let driver = cloud.provider.driver(TOPIC).unwrap();
    let logging = json!([{
        "Protocol": "http/s", "SuccessFeedbackRoleArn": "role", "FailureFeedbackRoleArn": "role",
        "SuccessFeedbackSampleRate": "10",
    }]);
    let want = json!({"TopicName": "alarms", "TracingConfig": "Active", "DeliveryStatusLogging": logging});
    let made = driver.create(&cloud.call("alarms"), &want.into()).await.unwrap().into_inner();
    let sent = cloud.wire.requests("CreateTopic").concat();
    for name in
        ["TracingConfig", "HTTPSuccessFeedbackRoleArn", "HTTPFailureFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate"]
    {
        assert!(sent.contains(&format!("={name}&")), "{name}: {sent}");
    }
    let entry = |name: &str, value: &str| format!("<entry><key>{name}</key><value>{value}</value></entry>");
    let attributes = [
        entry("TopicArn", &made.id.0),
        entry("HTTPSuccessFeedbackRoleArn", "role"),
        entry("HTTPFailureFeedbackRoleArn", "role"),
        entry("HTTPSuccessFeedbackSampleRate", "10"),
    ];
    let answer = format!(
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>{}</Attributes></GetTopicAttributesResult>\
         </GetTopicAttributesResponse>",
        attributes.concat()
    );
    cloud.wire.trouble("GetTopicAttributes", 0, Trouble::Answered(200, answer));
    let policy = "<GetDataProtectionPolicyResponse><GetDataProtectionPolicyResult><DataProtectionPolicy>{\"Name\": \"p\"}\
         </DataProtectionPolicy></GetDataProtectionPolicyResult></GetDataProtectionPolicyResponse>";
    cloud.wire.trouble("GetDataProtectionPolicy", 0, Trouble::Answered(200, policy.to_owned()));
    let found = driver.read(&cloud.call("alarms"), &[made.id]).await.unwrap();
    let found = found[0].clone().unwrap();
    assert_eq!(found.get("DeliveryStatusLogging"), Some(&logging));
    assert_eq!(found.get("DataProtectionPolicy"), Some(&json!({"Name": "p"})));
}

#[tokio::test]
async fn a_topic_of_that_name_is_somebody_elses() {
    let cloud = Cloud::of("a_topic_of_that_name_is_somebody_elses");
    let driver = cloud.provider.driver(TOPIC).unwrap();
    let (call, want) = (cloud.call("alarms"), json!({"TopicName": "alarms"}).into());
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    let arn = topic(&cloud, "alarms").await;
    assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(PhysicalId(arn)));
    assert_eq!(driver.find(&call, &want).await.unwrap(), []);
}

#[tokio::test]
async fn subscription_conforms() {
    let cloud = Cloud::of("subscription_conforms");
    let topic = topic(&cloud, "orders").await;
    let account = topic.split(':').nth(4).unwrap();
    let document = |raw: bool, filter: Json| {
        json!({
            "TopicArn": topic, "Protocol": "sqs", "Endpoint": format!("arn:aws:sqs:us-east-1:{account}:orders"),
            "RawMessageDelivery": raw, "FilterPolicy": filter,
            "RedrivePolicy": {"deadLetterTargetArn": format!("arn:aws:sqs:us-east-1:{account}:dead")},
        })
    };
    let other = document(false, json!({"kind": ["order", "refund"]}));
    cloud.check(SUBSCRIPTION, document(true, json!({"kind": ["order"]})), [other]).await;
}

#[tokio::test]
async fn email_subscription_conforms() {
    let cloud = Cloud::of("email_subscription_conforms");
    let want = json!({"TopicArn": topic(&cloud, "alarms").await, "Protocol": "email", "Endpoint": "ops@example.com"});
    cloud.check(SUBSCRIPTION, want, []).await;
}

#[tokio::test]
async fn what_nobody_has_confirmed_is_done_and_can_be_left_behind() {
    let cloud = Cloud::of("what_nobody_has_confirmed_is_done_and_can_be_left_behind");
    let driver = cloud.provider.driver(SUBSCRIPTION).unwrap();
    let topic = topic(&cloud, "alarms").await;
    let want = json!({"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.com"}).into();
    let call = cloud.call("ops");
    let progress = driver.create(&call, &want).await.unwrap();
    let Progress::Done(made) = progress else { panic!("{progress:?}") };
    assert!(cloud.wire.requests("Subscribe").concat().contains("ReturnSubscriptionArn=true"));

    let listed = format!(
        "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member>\
         <TopicArn>{topic}</TopicArn><Protocol>email</Protocol><Endpoint>ops@example.com</Endpoint>\
         <SubscriptionArn>PendingConfirmation</SubscriptionArn>\
         </member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
    );
    for _ in 0..2 {
        cloud.wire.trouble("ListSubscriptionsByTopic", 0, Trouble::Answered(200, listed.clone()));
    }
    assert_eq!(driver.find(&call, &want).await.unwrap(), [], "it is listed without its ARN");
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None, "to subscribe again is to get the same one");

    let refusal = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid parameter: This \
         subscription cannot be deleted: Cannot unsubscribe a subscription that is pending confirmation</Message></Error>\
         </ErrorResponse>";
    cloud.wire.trouble("Unsubscribe", 0, Trouble::Answered(400, refusal.to_owned()));
    assert_eq!(driver.delete(&call, &made.id, &Removal::default()).await.unwrap(), Progress::Done(()));
}

#[tokio::test]
async fn topic_policy_conforms() {
    let cloud = Cloud::of("topic_policy_conforms");
    let (one, two) = (topic(&cloud, "one").await, topic(&cloud, "two").await);
    let document = |action: &str| {
        let statement = json!({
            "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": action, "Resource": "*",
        });
        json!({"Topics": [one, two], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
    };
    cloud.check(POLICY, document("sns:Publish"), [document("sns:Subscribe")]).await;
}

#[tokio::test]
async fn a_policy_that_somebody_else_has_set_is_neither_replaced_nor_removed() {
    let cloud = Cloud::of("a_policy_that_somebody_else_has_set_is_neither_replaced_nor_removed");
    let topic = topic(&cloud, "alarms").await;
    let document = |action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
        json!({"Topics": [topic], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
    };
    let driver = cloud.provider.driver(POLICY).unwrap();
    let (call, ours) = (cloud.call("policy"), document("sns:Publish").into());
    assert_eq!(driver.taken(&call, &ours).await.unwrap(), None, "the policy of a new topic is nobody's");
    cloud.make(POLICY, "theirs", document("sns:Subscribe")).await;
    let id = PhysicalId(topic);
    assert_eq!(driver.taken(&call, &ours).await.unwrap(), Some(id.clone()));
    let removal = Removal { inputs: ours.clone(), ..Removal::default() };
    driver.delete(&call, &id, &removal).await.unwrap();
    assert!(driver.read(&call, &[id]).await.unwrap()[0].is_some());
}

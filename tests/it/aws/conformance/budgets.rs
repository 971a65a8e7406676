//! AWS Budgets. ministack knows one account only, which is not the test's, so what it says of changes, tags and subscribers
//! is answered here, from what has been sent; what exists and what is refused stays its business.

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, FaultKind, Provider},
};
use serde_json::{Map, Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags, unique,
};

const BUDGET: &str = "AWS::Budgets::Budget";

/// What ministack does not tell another account.
fn complete(cloud: &Cloud) {
    cloud.wire.script("DescribeBudget", |requests| json!({"Budget": budget(requests)}).to_string());
    cloud.wire.script("DescribeSubscribersForNotification", subscribers);
    cloud.wire.script("ListTagsForResource", tagged);
    for operation in ["UpdateBudget", "TagResource", "UntagResource"] {
        cloud.wire.script(operation, |_| "{}".to_owned());
    }
}

fn parsed(body: &str) -> Json {
    serde_json::from_str(body).expect("a request in JSON")
}

/// The budget as it was last sent; nothing once it is deleted.
fn budget(requests: &[(String, String)]) -> Json {
    let sent = requests.iter().rev().find_map(|(operation, body)| match operation.as_str() {
        "CreateBudget" => Some(parsed(body)["Budget"].clone()),
        "UpdateBudget" => Some(parsed(body)["NewBudget"].clone()),
        "DeleteBudget" => Some(Json::Null),
        _ => None,
    });
    let mut budget = sent.unwrap_or_default();
    // AWS reports whole amounts with a fraction.
    if let Some(Json::String(amount)) = budget.pointer_mut("/BudgetLimit/Amount") {
        amount.push_str(".0");
    }
    budget
}

/// Who was to be told, of the notification that is asked about.
fn subscribers(requests: &[(String, String)]) -> String {
    let threshold = |notification: &Json| notification["Notification"]["Threshold"].as_f64();
    let asked = threshold(&parsed(&requests.last().expect("a request").1));
    let sent = requests.iter().rev().find(|(operation, _)| operation == "CreateBudget").expect("a budget");
    let sent = parsed(&sent.1);
    let all = sent["NotificationsWithSubscribers"].as_array().cloned().unwrap_or_default();
    let asked = all.iter().find(|notification| threshold(notification) == asked);
    json!({"Subscribers": asked.map_or_else(|| json!([]), |asked| asked["Subscribers"].clone())}).to_string()
}

/// The tags as they have been put on and taken off.
fn tagged(requests: &[(String, String)]) -> String {
    let mut tags = Map::new();
    for (operation, body) in requests {
        match operation.as_str() {
            "CreateBudget" | "TagResource" => {
                let sent = parsed(body);
                for tag in sent["ResourceTags"].as_array().into_iter().flatten() {
                    tags.insert(tag["Key"].as_str().expect("a key").to_owned(), tag["Value"].clone());
                }
            }
            "UntagResource" => {
                for key in parsed(body)["ResourceTagKeys"].as_array().into_iter().flatten() {
                    tags.remove(key.as_str().expect("a key"));
                }
            }
            "DeleteBudget" => tags.clear(),
            _ => {}
        }
    }
    let tags: Vec<Json> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({"ResourceTags": tags}).to_string()
}

fn notification(threshold: f64, kind: &str, address: &str) -> Json {
    let notification = json!({
        "NotificationType": kind, "ComparisonOperator": "GREATER_THAN", "Threshold": threshold,
        "ThresholdType": "PERCENTAGE",
    });
    let topic = json!({"SubscriptionType": "SNS", "Address": "arn:aws:sns:us-east-1:123456789012:costs"});
    let subscribers = json!([{"SubscriptionType": "EMAIL", "Address": address}, topic]);
    json!({"Notification": notification, "Subscribers": subscribers})
}

#[tokio::test]
async fn budget_conforms() {
    let cloud = Cloud::of("budget_conforms");
    complete(&cloud);
    let name = unique("budget");
    let types = json!({
        "IncludeCredit": false, "IncludeDiscount": true, "IncludeOtherSubscription": true, "IncludeRecurring": true,
        "IncludeRefund": false, "IncludeSubscription": true, "IncludeSupport": true, "IncludeTax": true,
        "IncludeUpfront": true, "UseAmortized": false, "UseBlended": false,
    });
    let period = json!({"Start": "2026-01-01T00:00:00Z", "End": "2087-06-15T00:00:00Z"});
    let plain = json!({
        "BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "TimePeriod": period,
        "BudgetLimit": {"Amount": 1500, "Unit": "USD"}, "CostTypes": types,
        "CostFilters": {"Service": ["Amazon Elastic Compute Cloud - Compute"]},
    });
    let values = |key: &str, value: &str| json!({"Key": key, "Values": [value], "MatchOptions": ["EQUALS"]});
    let filter = json!({"And": [
        {"Dimensions": values("REGION", "us-east-1")},
        {"Not": {"Or": [{"Tags": values("team", "a")}, {"CostCategories": values("kind", "test")}]}},
    ]});
    let filtered = json!({
        "BudgetName": name, "BudgetType": "COST", "TimeUnit": "QUARTERLY", "TimePeriod": period,
        "BudgetLimit": {"Amount": "2000.5", "Unit": "USD"}, "FilterExpression": filter, "Metrics": ["UnblendedCost"],
        "BillingViewArn": "arn:aws:billing::123456789012:billingview/primary",
    });
    let document = |budget: &Json, pairs: &[(&str, &str)]| {
        let told = [notification(80.0, "ACTUAL", "a@example.com"), notification(100.5, "FORECASTED", "b@example.com")];
        json!({"Budget": budget, "NotificationsWithSubscribers": told, "ResourceTags": tags(pairs)})
    };
    let want = document(&plain, &[("Name", "a"), ("Team", "b")]);
    cloud.check(BUDGET, want, [document(&filtered, &[("Name", "b")])]).await;
}

#[tokio::test]
async fn budget_with_planned_limits_conforms() {
    let cloud = Cloud::of("budget_with_planned_limits_conforms");
    complete(&cloud);
    let document = |amount: u16| {
        let limits = json!({
            "1767225600": {"Amount": 100, "Unit": "USD"}, "1769904000": {"Amount": amount, "Unit": "USD"},
        });
        let adjust = json!({"AutoAdjustType": "HISTORICAL", "HistoricalOptions": {"BudgetAdjustmentPeriod": 3}});
        let budget = json!({
            "BudgetName": unique("planned"), "BudgetType": "USAGE", "TimeUnit": "MONTHLY", "PlannedBudgetLimits": limits,
            "AutoAdjustData": adjust,
        });
        json!({"Budget": budget})
    };
    cloud.check(BUDGET, document(200), [document(300)]).await;
}

#[tokio::test]
async fn the_budget_of_somebody_else_is_not_found() {
    let cloud = Cloud::of("the_budget_of_somebody_else_is_not_found");
    complete(&cloud);
    let name = unique("theirs");
    let limit = json!({"Amount": 1500, "Unit": "USD"});
    let budget = json!({"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit});
    let want = json!({"Budget": budget});
    cloud.make(BUDGET, "theirs", want.clone()).await;
    let (driver, call) = (cloud.provider.driver(BUDGET).unwrap(), cloud.call("ours"));
    assert_eq!(driver.find(&call, &want.clone().into()).await.unwrap(), []);
    let fault = driver.create(&call, &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::AlreadyExists);
    let listed = cloud.provider.lookup(&cloud.place, BUDGET, &Doc::default()).await.unwrap();
    assert!(listed.iter().any(|budget| budget.text("Id") == Some(&name)), "{listed:?}");
}

#[tokio::test]
async fn a_budget_without_a_name_is_refused_and_one_too_many_is_a_quota() {
    let cloud = Cloud::of("a_budget_without_a_name_is_refused_and_one_too_many_is_a_quota");
    let (driver, call) = (cloud.provider.driver(BUDGET).unwrap(), cloud.call("main"));
    let want = json!({"Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY"}});
    let fault = driver.create(&call, &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`Budget.BudgetName`"), "{fault}");
    let want = json!({"Budget": {"BudgetName": "main", "BudgetType": "COST", "TimeUnit": "MONTHLY"}});
    cloud.wire.trouble("CreateBudget", 0, Trouble::Refused(400, "CreationLimitExceededException"));
    let fault = driver.create(&call, &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Quota);
}

#[tokio::test]
async fn only_tags_are_sent_if_only_they_change() {
    let cloud = Cloud::of("only_tags_are_sent_if_only_they_change");
    complete(&cloud);
    let change = Change {
        id: PhysicalId("main".to_owned()),
        before: json!({"ResourceTags": tags(&[("Old", "x")])}).into(),
        want: json!({"ResourceTags": tags(&[("New", "y")])}).into(),
        paths: vec![Path::key("ResourceTags")],
    };
    cloud.provider.driver(BUDGET).unwrap().update(&cloud.call("main"), &change).await.unwrap();
    assert!(cloud.wire.requests("UpdateBudget").is_empty());
    let account = cloud.place.role_arn.clone().unwrap().split(':').nth(4).unwrap().to_owned();
    let put = parsed(&cloud.wire.requests("TagResource")[0]);
    assert_eq!(put["ResourceARN"], json!(format!("arn:aws:budgets::{account}:budget/main")));
    assert_eq!(put["ResourceTags"], tags(&[("New", "y")]));
    assert_eq!(parsed(&cloud.wire.requests("UntagResource")[0])["ResourceTagKeys"], json!(["Old"]));
}

//! API Gateway. moto lets several resources and several authorizers of an API have one name, and breaks down when it is to
//! delete what is gone; there AWS's answers stand in for its own.

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal, conformance},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const ACCOUNT: &str = "AWS::ApiGateway::Account";
const API: &str = "AWS::ApiGateway::RestApi";
const AUTHORIZER: &str = "AWS::ApiGateway::Authorizer";
const DEPLOYMENT: &str = "AWS::ApiGateway::Deployment";
const METHOD: &str = "AWS::ApiGateway::Method";
const RESOURCE: &str = "AWS::ApiGateway::Resource";
const STAGE: &str = "AWS::ApiGateway::Stage";

/// An API and its root.
async fn api(cloud: &Cloud) -> (String, String) {
    let made = cloud.make(API, "api", json!({"Name": "prerequisite"})).await;
    let text = |name: &str| made.text(name).expect("an attribute").to_owned();
    (text("RestApiId"), text("RootResourceId"))
}

/// An API with something to deploy.
async fn deployable(cloud: &Cloud) -> String {
    let (api, root) = api(cloud).await;
    let method = json!({
        "RestApiId": api, "ResourceId": root, "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": {"Type": "MOCK"},
    });
    cloud.make(METHOD, "method", method).await;
    api
}

/// What AWS says of what is not there.
fn absent() -> Trouble {
    Trouble::Refused(404, "NotFoundException")
}

fn refused(status: u16, code: &str, message: &str) -> Trouble {
    Trouble::Answered(status, json!({"__type": code, "message": message}).to_string())
}

fn answered(body: &Json) -> Trouble {
    Trouble::Answered(200, body.to_string())
}

/// A change of everything that two documents have.
fn change(id: &str, before: &Json, want: &Json) -> Change {
    let (before, want) = (Doc::from(before.clone()), Doc::from(want.clone()));
    let paths = before.0.keys().chain(want.0.keys().filter(|name| !before.0.contains_key(*name)));
    let paths = paths.map(Path::key).collect();
    Change { id: PhysicalId(id.to_owned()), before, want, paths }
}

/// The operations of the last patch: `replace /name a`, `remove /description`.
#[expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]
fn patched(cloud: &Cloud, path: &str) -> Vec<String> {
    let sent: Json = serde_json::from_str(cloud.wire.requests(&format!("PATCH {path}")).last().unwrap()).unwrap();
    let text = |operation: &Json, name: &str| operation[name].as_str().map(str::to_owned);
    let shown = |operation: &Json| {
        let parts = ["op", "path", "value"].iter().filter_map(|name| text(operation, name));
        parts.collect::<Vec<_>>().join(" ")
    };
    sent["patchOperations"].as_array().unwrap().iter().map(shown).collect()
}

/// moto keeps no version, no media types and no tags that come later, and takes every change of an endpoint for one of its
/// type.
#[tokio::test]
async fn rest_api_conforms() {
    let cloud = Cloud::of("rest_api_conforms");
    let statement = json!({
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
    });
    let want = json!({
        "Name": "main", "Description": "the API", "ApiKeySourceType": "AUTHORIZER", "MinimumCompressionSize": 1024,
        "DisableExecuteApiEndpoint": true, "EndpointConfiguration": {"Types": ["REGIONAL"]},
        "Policy": {"Version": "2012-10-17", "Statement": [statement]}, "Tags": tags(&[("Name", "a")]),
    });
    let other = json!({
        "Name": "other", "MinimumCompressionSize": 1024, "DisableExecuteApiEndpoint": true,
        "EndpointConfiguration": {"Types": ["EDGE"]}, "Tags": tags(&[("Name", "a")]),
    });
    // Made, changed to and fro, deleted, and deleted again.
    cloud.wire.strike(4, absent());
    cloud.check(API, want, [other]).await;
}

#[tokio::test]
async fn resource_conforms() {
    let cloud = Cloud::of("resource_conforms");
    let (api, root) = api(&cloud).await;
    let taken = refused(409, "ConflictException", "Another resource with the same parent already has this name: pets");
    cloud.wire.trouble(&format!("POST /restapis/{api}/resources/{root}"), 1, taken);
    // Made, made again, deleted, and deleted again.
    cloud.wire.strike(3, absent());
    cloud.check(RESOURCE, json!({"RestApiId": api, "ParentId": root, "PathPart": "pets"}), []).await;
}

/// moto changes neither methods nor their responses.
#[tokio::test]
async fn method_conforms() {
    let cloud = Cloud::of("method_conforms");
    let (api, root) = api(&cloud).await;
    let with = |rest: Json| {
        let mut document = json!({
            "RestApiId": api, "ResourceId": root, "HttpMethod": "POST", "AuthorizationType": "NONE",
            "ApiKeyRequired": true, "OperationName": "main", "RequestModels": {"application/json": "Empty"},
            "RequestParameters": {"method.request.querystring.a": true},
        });
        document.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        document
    };
    let response = |status: &str| {
        json!({
            "StatusCode": status, "ResponseModels": {"application/json": "Empty"},
            "ResponseParameters": {"method.response.header.A": true},
        })
    };
    let answer = |status: &str| {
        json!({
            "StatusCode": status, "SelectionPattern": status, "ResponseTemplates": {"application/json": "{}"},
            "ResponseParameters": {"method.response.header.A": "'a'"}, "ContentHandling": "CONVERT_TO_TEXT",
        })
    };
    let want = with(json!({
        "MethodResponses": [response("200"), response("500")],
        "Integration": {
            "Type": "MOCK", "RequestTemplates": {"application/json": "{\"statusCode\": 200}"},
            "PassthroughBehavior": "NEVER", "TimeoutInMillis": 3000, "CacheNamespace": "main",
            "ContentHandling": "CONVERT_TO_BINARY", "IntegrationResponses": [answer("200"), answer("500")],
        },
    }));
    let other = with(json!({
        "MethodResponses": [response("200"), response("404")],
        "Integration": {
            "Type": "HTTP", "IntegrationHttpMethod": "GET", "Uri": "https://example.com/pets",
            "RequestParameters": {"integration.request.querystring.a": "method.request.querystring.a"},
            "IntegrationResponses": [answer("404")],
        },
    }));
    cloud.check(METHOD, want, [other, with(json!({}))]).await;
}

/// moto forgets the expression at creation, and cannot change the user pools.
#[tokio::test]
async fn authorizer_conforms() {
    let cloud = Cloud::of("authorizer_conforms");
    let (api, _) = api(&cloud).await;
    let uri = |name: &str| format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{name}/invocations");
    let want = json!({
        "RestApiId": api, "Name": "main", "Type": "TOKEN", "AuthType": "custom", "AuthorizerUri": uri("a"),
        "AuthorizerCredentials": "arn:aws:iam::123456789012:role/main", "AuthorizerResultTtlInSeconds": 60,
        "IdentitySource": "method.request.header.Authorization",
    });
    let other = json!({
        "RestApiId": api, "Name": "main", "Type": "REQUEST", "AuthorizerUri": uri("b"),
        "IdentitySource": "method.request.header.Auth",
    });
    let taken = "Authorizer name must be unique. Authorizer main already exists in this RestApi.";
    cloud.wire.trouble(&format!("POST /restapis/{api}/authorizers"), 1, refused(400, "BadRequestException", taken));
    // Made, made again, changed to and fro, deleted, and deleted again.
    cloud.wire.strike(5, absent());
    cloud.check(AUTHORIZER, want, [other]).await;
}

/// moto does not change deployments.
#[tokio::test]
async fn deployment_conforms() {
    let cloud = Cloud::of("deployment_conforms");
    let api = deployable(&cloud).await;
    cloud.make(DEPLOYMENT, "earlier", json!({"RestApiId": api, "Description": "first"})).await;
    let want = json!({
        "RestApiId": api, "Description": "first", "StageName": "direct",
        "StageDescription": {
            "Description": "made with it", "Variables": {"a": "1"}, "LoggingLevel": "INFO",
            "MethodSettings": [{"ResourcePath": "/", "HttpMethod": "GET", "MetricsEnabled": true}],
            "Tags": tags(&[("Name", "a")]),
        },
    });
    cloud.check(DEPLOYMENT, want, []).await;
}

#[tokio::test]
async fn a_deployment_describes_its_stage() {
    let cloud = Cloud::of("a_deployment_describes_its_stage");
    let api = deployable(&cloud).await;
    let want = json!({
        "RestApiId": api, "StageName": "direct",
        "StageDescription": {"Variables": {"a": "1"}, "LoggingLevel": "INFO", "Tags": tags(&[("Name", "a")])},
    });
    let id = cloud.make_id(DEPLOYMENT, "main", want, "DeploymentId").await;
    let stages = cloud.provider.driver(STAGE).unwrap();
    let found = stages.read(&cloud.call("main"), &[PhysicalId(format!("{api}|direct"))]).await.unwrap();
    let stage = found[0].clone().unwrap().into_json();
    assert_eq!((&stage["DeploymentId"], &stage["Variables"]), (&json!(id), &json!({"a": "1"})));
    assert_eq!(stage["Tags"], tags(&[("Name", "a")]));
    let settings = &stage["MethodSettings"][0];
    assert_eq!((&settings["ResourcePath"], &settings["LoggingLevel"]), (&json!("/*"), &json!("INFO")));
}

/// moto has no canaries, no documentation versions and no client certificates, and does not let go of the settings of a
/// method.
#[tokio::test]
async fn stage_conforms() {
    let cloud = Cloud::of("stage_conforms");
    let api = deployable(&cloud).await;
    let deployment = |name: &'static str| {
        let want = json!({"RestApiId": api, "Description": name});
        cloud.make_id(DEPLOYMENT, name, want, "DeploymentId")
    };
    let (first, second) = (deployment("first").await, deployment("second").await);
    let want = json!({
        "RestApiId": api, "StageName": "live", "DeploymentId": first, "Description": "for everybody",
        "CacheClusterEnabled": true, "CacheClusterSize": "0.5", "TracingEnabled": true,
        "Variables": {"a": "1", "b": "2"}, "Tags": tags(&[("Name", "a"), ("Team", "b")]),
        "AccessLogSetting": {
            "DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/main:*",
            "Format": "$context.requestId",
        },
        "MethodSettings": [
            {
                "ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO", "MetricsEnabled": true,
                "ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 50.5,
            },
            {
                "ResourcePath": "/~1pets~1{id}", "HttpMethod": "GET", "DataTraceEnabled": true, "CachingEnabled": true,
                "CacheTtlInSeconds": 60, "CacheDataEncrypted": true,
            },
        ],
    });
    let other = json!({
        "RestApiId": api, "StageName": "live", "DeploymentId": second, "Variables": {"a": "3", "c": "4"},
        "Tags": tags(&[("Name", "b")]),
        "MethodSettings": [
            {"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "ERROR"},
            {"ResourcePath": "/~1pets~1{id}", "HttpMethod": "GET", "CacheTtlInSeconds": 30},
        ],
    });
    cloud.check(STAGE, want, [other]).await;
}

/// The suite does not fit what can neither be made nor removed.
#[tokio::test]
async fn the_settings_of_an_account_are_set_and_reset_if_they_are_ours() {
    let cloud = Cloud::of("the_settings_of_an_account_are_set_and_reset_if_they_are_ours");
    let role = |name: &str| json!({"CloudWatchRoleArn": format!("arn:aws:iam::123456789012:role/{name}")});
    let case = cloud.case(ACCOUNT, "main", role("a"), []);
    let (id, made) = conformance::make(&cloud.provider, &case).await.unwrap();
    assert_eq!((id.0.as_str(), made.text("Id")), ("api-gateway-account", Some("api-gateway-account")));
    let driver = cloud.provider.driver(ACCOUNT).unwrap();
    let call = cloud.call("main");
    assert_eq!(driver.find(&call, &role("a").into()).await.unwrap(), std::slice::from_ref(&id));
    assert!(driver.find(&call, &role("b").into()).await.unwrap().is_empty());
    assert_eq!(driver.taken(&call, &role("a").into()).await.unwrap(), None);
    assert_eq!(driver.taken(&call, &role("b").into()).await.unwrap(), Some(id.clone()));
    driver.update(&call, &change(&id.0, &role("a"), &role("b"))).await.unwrap();
    let removal = |name: &str| Removal { inputs: role(name).into(), ..Removal::default() };
    driver.delete(&call, &id, &removal("a")).await.unwrap();
    let live = driver.read(&call, std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(live[0].as_ref().unwrap().get("CloudWatchRoleArn"), role("b").get("CloudWatchRoleArn"));
    for _ in 0..2 {
        driver.delete(&call, &id, &removal("b")).await.unwrap();
    }
    assert_eq!(patched(&cloud, "/account"), ["replace /cloudwatchRoleArn "]);
    let live = driver.read(&call, std::slice::from_ref(&id)).await.unwrap();
    assert_eq!(live[0].as_ref().unwrap().get("CloudWatchRoleArn"), None);
}

#[tokio::test]
async fn a_role_that_the_account_cannot_use_yet_is_tried_again() {
    let cloud = Cloud::of("a_role_that_the_account_cannot_use_yet_is_tried_again");
    let message = "The role ARN does not have required permissions configured.";
    cloud.wire.trouble("PATCH /account", 0, refused(400, "BadRequestException", message));
    let driver = cloud.provider.driver(ACCOUNT).unwrap();
    let want = json!({"CloudWatchRoleArn": "arn:aws:iam::123456789012:role/new"});
    let fault = driver.create(&cloud.call("main"), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
}

/// What moto lacks, asked for in AWS's words.
#[tokio::test]
async fn a_rest_api_is_patched_and_waited_for() {
    let cloud = Cloud::of("a_rest_api_is_patched_and_waited_for");
    let before = json!({
        "BinaryMediaTypes": ["image/png"], "MinimumCompressionSize": 10, "SecurityPolicy": "TLS_1_2",
        "EndpointConfiguration": {"Types": ["REGIONAL"], "IpAddressType": "ipv4"}, "Tags": tags(&[("Name", "a")]),
    });
    let want = json!({
        "BinaryMediaTypes": ["image/jpeg"], "SecurityPolicy": "SecurityPolicy_TLS13_1_3_2025_09",
        "EndpointAccessMode": "STRICT", "Tags": tags(&[("Name", "b")]),
        "EndpointConfiguration": {"Types": ["PRIVATE"], "IpAddressType": "dualstack", "VpcEndpointIds": ["vpce-1"]},
    });
    let shown = |status: &str| answered(&json!({"item": [{"id": "abc", "apiStatus": status}]}));
    cloud.wire.trouble("PATCH /restapis/abc", 0, answered(&json!({})));
    // The first request that changes something is the patch, the second one puts the tag.
    cloud.wire.strike(1, Trouble::Answered(204, String::new()));
    for status in ["UPDATING", "AVAILABLE", "FAILED"] {
        cloud.wire.trouble("GET /restapis", 0, shown(status));
    }
    let driver = cloud.provider.driver(API).unwrap();
    let call = cloud.call("main");
    let progress = driver.update(&call, &change("abc", &before, &want)).await.unwrap();
    let Progress::Pending { so_far, note } = progress else { panic!("it should be under way") };
    assert_eq!(note, "updating");
    let expected = [
        "add /binaryMediaTypes/image~1jpeg",
        "remove /binaryMediaTypes/image~1png",
        "replace /minimumCompressionSize ",
        "replace /securityPolicy SecurityPolicy_TLS13_1_3_2025_09",
        "replace /endpointAccessMode STRICT",
        "replace /endpointConfiguration/types/0 PRIVATE",
        "replace /endpointConfiguration/ipAddressType dualstack",
        "add /endpointConfiguration/vpcEndpointIds vpce-1",
    ];
    assert_eq!(patched(&cloud, "/restapis/abc"), expected);
    assert!(cloud.wire.census().keys().any(|operation| operation.starts_with("PUT /tags/")));
    assert!(matches!(driver.poll(&call, &so_far).await.unwrap(), Progress::Done(_)));
    assert!(driver.poll(&call, &so_far).await.unwrap_err().made.is_some());
}

#[tokio::test]
async fn a_rest_api_is_imported_and_what_stands_beside_the_definition_holds() {
    let cloud = Cloud::of("a_rest_api_is_imported_and_what_stands_beside_the_definition_holds");
    let definition = json!({
        "openapi": "3.0.0", "info": {"title": "imported", "version": "1"}, "paths": {"/pets": {"get": {"responses": {}}}},
    });
    let made = cloud.make(API, "main", json!({"Body": definition, "Description": "ours"})).await;
    let id = made.text("RestApiId").unwrap();
    assert_eq!((made.text("Name"), made.text("Description")), (Some("imported"), Some("ours")));
    let sent: Json = serde_json::from_str(&cloud.wire.requests(&format!("PUT /restapis/{id}"))[0]).unwrap();
    assert_eq!(sent, definition);
    // Nobody could see later that the definition is missing.
    cloud.wire.strike(1, Trouble::Reset);
    let driver = cloud.provider.driver(API).unwrap();
    let fault = driver.create(&cloud.call("lost"), &json!({"Body": definition}).into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.is_some()), (FaultKind::Other, true), "{fault}");
    let elsewhere = json!({"Name": "main", "BodyS3Location": {"Bucket": "b", "Key": "k"}});
    let fault = driver.create(&cloud.call("elsewhere"), &elsewhere.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
}

#[tokio::test]
async fn a_method_is_patched() {
    let cloud = Cloud::of("a_method_is_patched");
    let path = "/restapis/abc/resources/r/methods/GET";
    let response = |models: Json| json!([{"StatusCode": "200", "ResponseModels": models}]);
    let before = json!({
        "AuthorizationType": "NONE", "ApiKeyRequired": true, "RequestParameters": {"method.request.header.A": true},
        "MethodResponses": response(json!({"application/json": "Empty", "text/plain": "Empty"})),
    });
    let want = json!({
        "AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": "a1", "AuthorizationScopes": ["read"],
        "RequestParameters": {"method.request.header.B": false},
        "MethodResponses": response(json!({"application/json": "Error"})),
    });
    for path in [path.to_owned(), format!("{path}/responses/200")] {
        cloud.wire.trouble(&format!("PATCH {path}"), 0, answered(&json!({})));
    }
    let driver = cloud.provider.driver(METHOD).unwrap();
    driver.update(&cloud.call("main"), &change("abc|r|GET", &before, &want)).await.unwrap();
    let expected = [
        "replace /authorizationType COGNITO_USER_POOLS",
        "replace /authorizerId a1",
        "add /authorizationScopes read",
        "replace /apiKeyRequired false",
        "add /requestParameters/method.request.header.B false",
        "remove /requestParameters/method.request.header.A",
    ];
    assert_eq!(patched(&cloud, path), expected);
    let expected = ["replace /responseModels/application~1json Error", "remove /responseModels/text~1plain"];
    assert_eq!(patched(&cloud, &format!("{path}/responses/200")), expected);
}

#[tokio::test]
async fn an_authorizer_changes_its_pools_and_says_who_uses_it() {
    let cloud = Cloud::of("an_authorizer_changes_its_pools_and_says_who_uses_it");
    let pool = |name: &str| format!("arn:aws:cognito-idp:us-east-1:123456789012:userpool/{name}");
    let arns = |names: &[&str]| json!({"ProviderARNs": names.iter().map(|name| pool(name)).collect::<Vec<_>>()});
    cloud.wire.trouble("PATCH /restapis/abc/authorizers/a1", 0, answered(&json!({})));
    let driver = cloud.provider.driver(AUTHORIZER).unwrap();
    let call = cloud.call("main");
    driver.update(&call, &change("abc|a1", &arns(&["a", "b"]), &arns(&["b", "c"]))).await.unwrap();
    let expected = [format!("add /providerARNs {}", pool("c")), format!("remove /providerARNs {}", pool("a"))];
    assert_eq!(patched(&cloud, "/restapis/abc/authorizers/a1"), expected);
    let methods = json!({"GET": {"httpMethod": "GET", "authorizerId": "a1"}, "PUT": {"httpMethod": "PUT"}});
    let resource =
        json!({"id": "r", "parentId": "root", "pathPart": "pets", "path": "/pets", "resourceMethods": methods});
    let conflict = || refused(409, "ConflictException", "Cannot delete authorizer 'a1'");
    for items in [json!([resource]), json!([])] {
        cloud.wire.trouble("DELETE /restapis/abc/authorizers/a1", 0, conflict());
        cloud.wire.trouble("GET /restapis/abc/resources", 0, answered(&json!({"item": items})));
    }
    let id = PhysicalId("abc|a1".to_owned());
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["method GET /pets".to_owned()]));
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
}

#[tokio::test]
async fn a_deployment_gets_another_description_and_stays_while_it_is_used() {
    let cloud = Cloud::of("a_deployment_gets_another_description_and_stays_while_it_is_used");
    cloud.wire.trouble("PATCH /restapis/abc/deployments/d1", 0, answered(&json!({})));
    let driver = cloud.provider.driver(DEPLOYMENT).unwrap();
    let call = cloud.call("main");
    let described = |text: &str| json!({"Description": text});
    driver.update(&call, &change("d1|abc", &described("a"), &described("b"))).await.unwrap();
    assert_eq!(patched(&cloud, "/restapis/abc/deployments/d1"), ["replace /description b"]);
    let active = "Active stages pointing to this deployment must be moved or deleted";
    cloud.wire.trouble("DELETE /restapis/abc/deployments/d1", 0, refused(400, "BadRequestException", active));
    let stages =
        json!({"item": [{"stageName": "live", "deploymentId": "d1"}, {"stageName": "b", "deploymentId": "d2"}]});
    cloud.wire.trouble("GET /restapis/abc/stages", 0, answered(&stages));
    let fault = driver.delete(&call, &PhysicalId("d1|abc".to_owned()), &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["stage live".to_owned()]));
}

#[tokio::test]
async fn a_stage_is_patched_and_its_cache_waited_for() {
    let cloud = Cloud::of("a_stage_is_patched_and_its_cache_waited_for");
    let before = json!({
        "ClientCertificateId": "c1", "CanarySetting": {"PercentTraffic": 10, "StageVariableOverrides": {"a": "1"}},
        "MethodSettings": [{"ResourcePath": "/", "HttpMethod": "GET", "MetricsEnabled": true}],
    });
    let want = json!({
        "CacheClusterEnabled": true, "CacheClusterSize": "0.5", "DocumentationVersion": "2",
        "CanarySetting": {"PercentTraffic": 20, "StageVariableOverrides": {"b": "2"}, "DeploymentId": "d2"},
        "MethodSettings": [{"ResourcePath": "/pets", "HttpMethod": "GET", "LoggingLevel": "INFO"}],
    });
    let shown = |rest: Json| {
        let mut stage = json!({"stageName": "live", "deploymentId": "d1"});
        stage.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        answered(&json!({"item": [stage]}))
    };
    cloud.wire.trouble("PATCH /restapis/abc/stages/live", 0, answered(&json!({})));
    let canary = json!({"percentTraffic": 20, "deploymentId": "d2", "stageVariableOverrides": {"b": "2"}});
    for rest in [
        json!({"cacheClusterStatus": "CREATE_IN_PROGRESS"}),
        json!({
            "cacheClusterStatus": "AVAILABLE", "canarySettings": canary, "clientCertificateId": "c2",
            "documentationVersion": "2", "methodSettings": {"~1/GET": {"loggingLevel": "INFO"}},
        }),
    ] {
        cloud.wire.trouble("GET /restapis/abc/stages", 0, shown(rest));
    }
    let driver = cloud.provider.driver(STAGE).unwrap();
    let call = cloud.call("main");
    let progress = driver.update(&call, &change("abc|live", &before, &want)).await.unwrap();
    assert!(matches!(&progress, Progress::Pending { note, .. } if note == "creating the cache"), "{progress:?}");
    let expected = [
        "replace /cacheClusterEnabled true",
        "replace /cacheClusterSize 0.5",
        "replace /clientCertificateId ",
        "replace /documentationVersion 2",
        "replace /canarySettings/deploymentId d2",
        "replace /canarySettings/percentTraffic 20",
        "replace /canarySettings/stageVariableOverrides/b 2",
        "remove /canarySettings/stageVariableOverrides/a",
        "replace /~1pets/GET/logging/loglevel INFO",
        "remove /~1/GET",
    ];
    assert_eq!(patched(&cloud, "/restapis/abc/stages/live"), expected);
    let found = driver.read(&call, &[PhysicalId("abc|live".to_owned())]).await.unwrap();
    let stage = found[0].clone().unwrap().into_json();
    assert_eq!((&stage["ClientCertificateId"], &stage["DocumentationVersion"]), (&json!("c2"), &json!("2")));
    assert_eq!(stage["CanarySetting"]["StageVariableOverrides"], json!({"b": "2"}));
    assert_eq!(stage["MethodSettings"][0]["ResourcePath"], json!("/"));
}

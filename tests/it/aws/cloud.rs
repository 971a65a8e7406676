//! An account of its own for every test: moto keeps accounts apart, and a role's ARN leads into the one it names. So the
//! tests disturb each other in nothing, and every one of them goes through a change of roles.

use std::sync::Arc;

use async_trait::async_trait;
use provision::{
    aws::{AwsProvider, Clients, Settings, clients::default_http},
    base::{Address, Doc, Identity, Lookup, PhysicalId, Place, Token},
    driver::{
        Call, Change, Clock, Driver, Made, Owner, Progress, Provider, Removal, Result,
        conformance::{self, Case},
    },
};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::wire::Wire;

/// An empty account.
pub struct Cloud {
    pub provider: Moto,
    pub clients: Clients,
    pub wire: Wire,
    pub place: Place,
    prefix: &'static str,
}

impl Cloud {
    /// The account of a test.
    pub fn of(test: &'static str) -> Cloud {
        // The process makes it an account that an earlier run has not left anything in.
        let digest = Sha256::digest(format!("{test} {}", std::process::id()));
        let number = digest.iter().take(6).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        let role = format!("arn:aws:iam::{:012}:role/provision-tests", number % 1_000_000_000_000);
        // Without the emulators nothing may be sent anywhere.
        endpoint();
        let wire = Wire::around(default_http());
        let clients = Clients::new(Settings {
            // Each service where `scripts/emulators` says it is.
            endpoint_url: None,
            credentials: Some(("testing".to_owned(), "testing".to_owned())),
            http: Some(aws_smithy_runtime_api::client::http::SharedHttpClient::new(wire.clone())),
        });
        // Everything is ready at once there, so that nobody has to wait as long as in AWS.
        let clock = Clock::running(30.0).with_real_answers();
        let provider = Moto(Arc::new(AwsProvider::new(clients.clone()).with_clock(clock)));
        let place = Place { region: "us-east-1".to_owned(), role_arn: Some(role) };
        Cloud { provider, clients, wire, place, prefix: test }
    }

    /// A case in this account.
    pub fn case(&self, type_name: &str, name: &str, want: Json, updates: impl IntoIterator<Item = Json>) -> Case {
        Case {
            name: format!("{}_{name}", self.prefix),
            type_name: type_name.to_owned(),
            place: self.place.clone(),
            want: want.into(),
            updates: updates.into_iter().map(Doc::from).collect(),
        }
    }

    /// Makes something that a test needs, and says what it has become.
    pub async fn make(&self, type_name: &str, name: &str, want: Json) -> Doc {
        let case = self.case(type_name, name, want, []);
        conformance::make(&self.provider, &case).await.expect("a prerequisite").1
    }

    /// One attribute of something that a test needs.
    pub async fn make_id(&self, type_name: &str, name: &str, want: Json, attribute: &str) -> String {
        let made = self.make(type_name, name, want).await;
        made.text(attribute).unwrap_or_else(|| panic!("{type_name} has no {attribute}")).to_owned()
    }

    /// A call in this account, on behalf of an object that no case has made.
    pub fn call(&self, name: &str) -> Call {
        let owner = Owner { stack: "shop/dev".to_owned(), address: name.to_owned(), token: Token("k".repeat(32)) };
        Call { object: Address::root(name).generation(1), owner, place: self.place.clone() }
    }

    /// Runs the suite.
    pub async fn check(&self, type_name: &str, want: Json, updates: impl IntoIterator<Item = Json>) {
        let case = self.case(type_name, "subject", want, updates);
        let report = conformance::check(&self.provider, &case).await;
        report.unwrap_or_else(|problem| panic!("{problem}"));
    }
}

/// Leaves behind which operations the test has called, if somebody collects them: see `scripts/coverage`.
impl Drop for Cloud {
    #[expect(clippy::disallowed_methods, reason = "where to is known to who started the tests")]
    fn drop(&mut self) {
        if let Ok(folder) = std::env::var("PROVISION_TEST_COVERAGE") {
            let named = self.wire.census().into_keys().filter(|operation| !operation.contains(' '));
            let operations: Vec<String> = named.chain(self.wire.unnamed()).collect();
            let file = std::path::Path::new(&folder).join(self.prefix);
            std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, operations.join("\n"))).expect("a file");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "where the emulator listens is known to who started it")]
pub fn endpoint() -> String {
    std::env::var("PROVISION_TEST_ENDPOINT").expect(
        "these tests need the moto server: run them by `./test`, or start it with `eval \"$(scripts/emulators start)\"`",
    )
}

/// AWS as the emulators play it: they ignore the client tokens of EC2, of Backup and of EFS's access points and the ids of
/// Lambda's statements, and let several listeners have one port and several load balancers one name, so no repeated create
/// may be trusted to make one object.
#[derive(Clone)]
pub struct Moto(Arc<AwsProvider>);

#[async_trait]
impl Provider for Moto {
    fn driver(&self, type_name: &str) -> Option<Arc<dyn Driver>> {
        let driver = self.0.driver(type_name)?;
        let takes_token = [
            "AccessPoint",
            "BackupPlan",
            "BackupSelection",
            "FlowLog",
            "Instance",
            "Listener",
            "LoadBalancer",
            "NatGateway",
            "Permission",
            "RouteTable",
            "VPCEndpoint",
        ];
        let is_forgetful = takes_token.iter().any(|name| type_name.ends_with(&format!("::{name}")));
        Some(if is_forgetful { Arc::new(Forgetful(driver)) } else { driver })
    }

    async fn identity(&self, place: &Place) -> Result<Identity> {
        self.0.identity(place).await
    }

    async fn zones(&self, place: &Place) -> Result<Vec<String>> {
        self.0.zones(place).await
    }

    async fn lookup(&self, place: &Place, type_name: &str, filter: &Doc) -> Result<Vec<Doc>> {
        self.0.lookup(place, type_name, filter).await
    }

    async fn secret(&self, place: &Place, lookup: &Lookup) -> Result<String> {
        self.0.secret(place, lookup).await
    }

    fn clock(&self) -> Clock {
        self.0.clock()
    }
}

/// A driver of an API that forgets client tokens.
struct Forgetful(Arc<dyn Driver>);

#[async_trait]
impl Driver for Forgetful {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        self.0.create(call, want).await
    }

    async fn poll(&self, call: &Call, made: &Made) -> Result<Progress<Made>> {
        self.0.poll(call, made).await
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        self.0.read(call, ids).await
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.0.update(call, change).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, want: &Removal) -> Result<Progress<()>> {
        self.0.delete(call, id, want).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        self.0.find(call, want).await
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        self.0.taken(call, want).await
    }
}

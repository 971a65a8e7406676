//! The way of a call: through the log, the fault plan, the hooks and the latency to the rules, and back. All drivers of the
//! simulated cloud are this one.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    LATENCY, Moment, Sim, Verdict,
    faults::{Misbehaviour, Operation, Record, injected},
    idempotency::class,
    lookup,
    object::{account, partition, scramble},
    rules::{Fate, Request},
    world::World,
};
use crate::{
    base::{Doc, Identity, Lookup, ObjectId, PhysicalId, Place},
    catalogue::ResourceType,
    driver::{Call, Change, Clock, Driver, Fault, FaultKind, Made, Progress, Provider, Removal, Result},
};

/// The driver of one type.
struct SimDriver {
    sim: Sim,
    resource: Arc<ResourceType>,
}

/// Whose call it is, and what it is about.
struct Subject<'a> {
    operation: Operation,
    type_name: &'a str,
    object: Option<&'a ObjectId>,
}

/// What an executed call is told.
struct Told<'a> {
    /// `ec2:CreateVPC`
    operation: &'a str,
    now: Duration,
    fate: Fate,
}

impl Sim {
    /// Carries out one call.
    async fn carry_out<T>(
        &self,
        subject: Subject<'_>,
        act: impl FnOnce(&mut World, &Told<'_>) -> Result<T>,
    ) -> Result<T> {
        let (record, misbehaviour) = self.enter(&subject);
        let operation = self.operation_name(&subject);
        let half = self.latency(record.number) / 2;
        self.inner.clock.sleep(half).await;
        if misbehaviour == Some(Misbehaviour::HangBefore) {
            self.hang().await;
        }
        self.ask(&record, Moment::Before).await;
        let result = match misbehaviour {
            Some(Misbehaviour::Refuse(kind)) => Err(injected(kind, &operation)),
            _ => {
                let fate = match misbehaviour {
                    Some(Misbehaviour::NeverReady) => Fate::Never,
                    Some(Misbehaviour::EndsFailed) => Fate::Failed,
                    _ => Fate::Well,
                };
                let mut world = self.world();
                let now = self.now();
                world.settle(now);
                act(&mut world, &Told { operation: &operation, now, fate })
            }
        };
        self.inner.clock.sleep(half).await;
        if misbehaviour == Some(Misbehaviour::HangAfter) {
            self.hang().await;
        }
        self.ask(&record, Moment::After).await;
        match misbehaviour {
            Some(Misbehaviour::LoseAnswer) => {
                let lost =
                    Fault::new(FaultKind::Transient, operation, "the connection was reset before the answer came");
                Err(Fault { code: Some("ConnectionReset".to_owned()), ..lost })
            }
            _ => result,
        }
    }

    fn enter(&self, subject: &Subject<'_>) -> (Record, Option<Misbehaviour>) {
        let at = self.now();
        let mut desk = self.desk();
        desk.entered += 1;
        let record = Record {
            number: desk.entered,
            operation: subject.operation,
            type_name: subject.type_name.to_owned(),
            object: subject.object.cloned(),
            at,
        };
        desk.log.push(record.clone());
        let misbehaviour = desk.faults.decide(&record);
        (record, misbehaviour)
    }

    fn latency(&self, number: u64) -> Duration {
        let (shortest, longest) = self.desk().latency.unwrap_or(LATENCY);
        let draw = u32::try_from(scramble(self.inner.seed ^ number) % 101).unwrap_or(100);
        shortest + (longest - shortest) * draw / 100
    }

    fn operation_name(&self, subject: &Subject<'_>) -> String {
        let kind = subject.type_name.rsplit("::").next().unwrap_or_default();
        match subject.type_name {
            "" => format!(
                "account:{}{}",
                subject.operation.verb(),
                if subject.operation == Operation::Identity { "CallerIdentity" } else { "" }
            ),
            name => format!("{}:{}{kind}", self.service(name), subject.operation.verb()),
        }
    }

    async fn ask(&self, record: &Record, moment: Moment) {
        let hook = self.desk().hook.clone();
        if hook.is_some_and(|hook| hook(record, moment) == Verdict::Hang) {
            self.hang().await;
        }
    }

    async fn hang(&self) {
        self.inner.hung.send_modify(|count| *count += 1);
        std::future::pending::<()>().await;
    }
}

impl SimDriver {
    async fn call<T>(
        &self,
        operation: Operation,
        call: &Call,
        act: impl FnOnce(&mut World, &Request<'_>) -> Result<T>,
    ) -> Result<T> {
        let resource = &*self.resource;
        let subject = Subject { operation, type_name: &resource.name, object: Some(&call.object) };
        let act = |world: &mut World, told: &Told<'_>| {
            act(world, &Request { resource, call, operation: told.operation, now: told.now, fate: told.fate })
        };
        self.sim.carry_out(subject, act).await
    }
}

#[async_trait]
impl Driver for SimDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        self.call(Operation::Create, call, |world, request| world.create(request, want)).await
    }

    async fn poll(&self, call: &Call, made: &Made) -> Result<Progress<Made>> {
        self.call(Operation::Poll, call, |world, request| world.poll(request, &made.id)).await
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        self.call(Operation::Read, call, |world, request| Ok(world.read(request, ids))).await
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.call(Operation::Update, call, |world, request| world.update(request, change)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, want: &Removal) -> Result<Progress<()>> {
        self.call(Operation::Delete, call, |world, request| world.delete(request, id, want)).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        self.call(Operation::Find, call, |world, request| Ok(world.made_by(request, want))).await
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        if !class(&self.resource).takes_over() {
            return Ok(None);
        }
        self.call(Operation::Find, call, |world, request| Ok(world.taken_over(request, want))).await
    }

    fn is_create_idempotent(&self) -> bool {
        class(&self.resource).is_idempotent()
    }
}

#[async_trait]
impl Provider for Sim {
    fn driver(&self, type_name: &str) -> Option<Arc<dyn Driver>> {
        let resource = self.inner.catalogue.get(type_name)?;
        Some(Arc::new(SimDriver { sim: self.clone(), resource }))
    }

    async fn identity(&self, place: &Place) -> Result<Identity> {
        let subject = Subject { operation: Operation::Identity, type_name: "", object: None };
        let partition = partition(&place.region).to_owned();
        self.carry_out(subject, |_, _| Ok(Identity { account_id: account(place), partition })).await
    }

    async fn zones(&self, place: &Place) -> Result<Vec<String>> {
        let subject = Subject { operation: Operation::Zones, type_name: "", object: None };
        self.carry_out(subject, |_, _| Ok(lookup::zones(&place.region))).await
    }

    async fn lookup(&self, place: &Place, type_name: &str, filter: &Doc) -> Result<Vec<Doc>> {
        let subject = Subject { operation: Operation::Lookup, type_name, object: None };
        self.carry_out(subject, |world, told| world.look_up(place, type_name, (filter, told.operation, told.now))).await
    }

    async fn secret(&self, place: &Place, lookup: &Lookup) -> Result<String> {
        let type_name = match lookup {
            Lookup::Secret { .. } => "AWS::SecretsManager::Secret",
            Lookup::Parameter { .. } => "AWS::SSM::Parameter",
        };
        let subject = Subject { operation: Operation::Secret, type_name, object: None };
        self.carry_out(subject, |world, told| world.secret(place, lookup, told.operation)).await
    }

    fn clock(&self) -> Clock {
        self.inner.clock
    }
}

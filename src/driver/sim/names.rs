//! Ids, names, ARNs and addresses in AWS's own forms, as pure functions of an object's mark. Apart from
//! [`super::attributes`], which knows where in a document they belong.

use super::object::{Location, partition};

/// The first part of the ids of a type.
const PREFIXES: &[(&str, &str)] = &[
    ("AWS::EC2::VPC", "vpc-"),
    ("AWS::EC2::Subnet", "subnet-"),
    ("AWS::EC2::InternetGateway", "igw-"),
    ("AWS::EC2::EgressOnlyInternetGateway", "eigw-"),
    ("AWS::EC2::NatGateway", "nat-"),
    ("AWS::EC2::EIP", "eipalloc-"),
    ("AWS::EC2::EIPAssociation", "eipassoc-"),
    ("AWS::EC2::RouteTable", "rtb-"),
    ("AWS::EC2::SubnetRouteTableAssociation", "rtbassoc-"),
    ("AWS::EC2::SecurityGroup", "sg-"),
    ("AWS::EC2::SecurityGroupIngress", "sgr-"),
    ("AWS::EC2::SecurityGroupEgress", "sgr-"),
    ("AWS::EC2::NetworkAcl", "acl-"),
    ("AWS::EC2::NetworkInterface", "eni-"),
    ("AWS::EC2::Instance", "i-"),
    ("AWS::EC2::Volume", "vol-"),
    ("AWS::EC2::LaunchTemplate", "lt-"),
    ("AWS::EC2::FlowLog", "fl-"),
    ("AWS::EC2::VPCEndpoint", "vpce-"),
    ("AWS::EC2::VPCPeeringConnection", "pcx-"),
    ("AWS::EC2::VPCCidrBlock", "vpc-cidr-assoc-"),
    ("AWS::EC2::TransitGateway", "tgw-"),
    ("AWS::EC2::DHCPOptions", "dopt-"),
    ("AWS::EC2::PrefixList", "pl-"),
    ("AWS::EC2::CustomerGateway", "cgw-"),
    ("AWS::EC2::VPNConnection", "vpn-"),
    ("AWS::EFS::FileSystem", "fs-"),
    ("AWS::EFS::MountTarget", "fsmt-"),
    ("AWS::EFS::AccessPoint", "fsap-"),
];

/// Ids that stand in other types' attributes, by the name of the property.
const KEYS: &[(&str, &str)] = &[
    ("DefaultNetworkAcl", "acl-"),
    ("DefaultSecurityGroup", "sg-"),
    ("EniId", "eni-"),
    ("NetworkInterfaceId", "eni-"),
    ("NetworkAclAssociationId", "aclassoc-"),
    ("CidrBlockAssociation", "vpc-cidr-assoc-"),
    ("AllocationId", "eipalloc-"),
    ("AssociationId", "eipassoc-"),
    ("VpcId", "vpc-"),
    ("SubnetId", "subnet-"),
    ("RouteTableId", "rtb-"),
    ("GroupId", "sg-"),
];

/// What a text that looks like `vpc-0123456789abcdef0` is the id of.
pub fn type_of_id(text: &str) -> Option<&'static str> {
    let (start, hex) = text.rsplit_once('-')?;
    let is_hex =
        hex.len() >= 8 && hex.len() <= 17 && hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let found = PREFIXES.iter().find(|(_, prefix)| prefix.strip_suffix('-') == Some(start))?;
    is_hex.then_some(found.0)
}

/// Who is being named, and where.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    pub type_name: &'a str,
    pub location: &'a Location,
    /// The region that a global object was made from.
    pub region: &'a str,
    /// The user's name for it, or the one made up.
    pub name: &'a str,
    /// Sixteen hex digits.
    pub mark: &'a str,
    /// Of the object that this one belongs to, if its ARN continues that one's.
    pub parent_arn: Option<&'a str>,
}

impl Who<'_> {
    /// `AWS::<service>::<kind>`
    fn service(&self) -> &str {
        self.type_name.split("::").nth(1).unwrap_or_default()
    }

    fn kind(&self) -> &str {
        self.type_name.rsplit("::").next().unwrap_or_default()
    }

    /// The id at a property that ends in `Id`.
    pub fn id(&self, key: &str) -> String {
        let own = PREFIXES.iter().find(|(name, _)| *name == self.type_name);
        let foreign = KEYS.iter().find(|(name, _)| *name == key);
        let is_own = key == "Id" || key.strip_suffix("Id").is_some_and(|stem| self.kind().eq_ignore_ascii_case(stem));
        let prefix = if is_own { own.or(foreign) } else { foreign.or(own) };
        let mark = self.mark;
        match (prefix, self.service(), self.kind()) {
            (Some((_, prefix)), _, _) => format!("{prefix}0{mark}"),
            (None, "SecretsManager" | "CertificateManager", _) => self.arn(),
            (None, "Budgets", _) | (None, "Route53", "RecordSet") => self.name.to_owned(),
            (None, "Route53", _) => format!("Z{}", mark.to_uppercase()),
            (None, "CloudFront", _) => format!("E{}", mark[..13].to_uppercase()),
            (None, "ApiGateway" | "ApiGatewayV2", _) => mark[..10].to_owned(),
            (None, "Cognito", "UserPool") => format!("{}_{}", self.region, &mark[..9]),
            (None, "Cognito", _) => format!("{mark}0123456789"),
            (None, "IAM", "Role") => format!("AROA{}", mark.to_uppercase()),
            (None, "IAM", _) => format!("ANPA{}", mark.to_uppercase()),
            (None, "GuardDuty", _) => format!("{mark}{mark}"),
            _ => uuid(mark),
        }
    }

    /// The ARN, in the service's own form.
    pub fn arn(&self) -> String {
        let (name, mark, kind) = (self.name, self.mark, self.kind());
        let resource = match (self.service(), kind) {
            ("S3", "Bucket") => return format!("arn:{}:s3:::{name}", partition(self.region)),
            ("KMS", "Key" | "ReplicaKey") => format!("key/{}", uuid(mark)),
            ("SecretsManager", _) => format!("secret:{name}-{}", &mark[..8]),
            ("CertificateManager", _) => format!("certificate/{}", uuid(mark)),
            ("Logs", "LogGroup") => format!("log-group:{name}:*"),
            ("SNS", "Subscription") => {
                return format!("{}:{}", self.parent_arn.unwrap_or("arn:aws:sns:::topic"), uuid(mark));
            }
            ("ElasticLoadBalancingV2", "LoadBalancer") => format!("loadbalancer/{}", self.full_name("app/")),
            ("ElasticLoadBalancingV2", "TargetGroup") => self.full_name("targetgroup/"),
            ("ElasticLoadBalancingV2", _) => {
                let parent = self.parent_arn.unwrap_or("arn:aws:elasticloadbalancing:::loadbalancer/app/none/0");
                let below = parent.replacen(":loadbalancer/", ":listener/", 1).replacen(
                    ":listener/",
                    ":listener-rule/",
                    usize::from(kind == "ListenerRule"),
                );
                return format!("{below}/{mark}");
            }
            ("RDS", "DBCluster") => format!("cluster:{name}"),
            ("RDS", "DBInstance") => format!("db:{name}"),
            ("ECS", "TaskDefinition") => {
                format!("task-definition/{name}:{}", u32::from_str_radix(&mark[..8], 16).unwrap_or(1))
            }
            ("IAM", "ManagedPolicy") => format!("policy/{name}"),
            ("SNS" | "SQS", _) => name.to_owned(),
            ("Lambda", "Function") => format!("function:{name}"),
            ("CloudWatch", "Alarm") => format!("alarm:{name}"),
            ("EFS", "FileSystem") => format!("file-system/fs-0{mark}"),
            ("EFS", "AccessPoint") => format!("access-point/fsap-0{mark}"),
            ("Backup", "BackupPlan") => format!("backup-plan:{}", uuid(mark)),
            ("Backup", "BackupVault") => format!("backup-vault:{name}"),
            ("Cognito", "UserPool") => format!("userpool/{}_{}", self.region, &mark[..9]),
            ("WAFv2", _) => format!("regional/{}/{name}/{}", kind.to_lowercase(), uuid(mark)),
            _ => format!("{}/{name}", kebab(kind)),
        };
        let region = if self.location.is_global() { "" } else { self.region };
        format!("arn:{}:{}:{region}:{}:{resource}", partition(self.region), self.arn_service(), self.location.account)
    }

    /// `app/web/50dc6c495c0c9188`, as CloudWatch's dimensions name load balancers and target groups.
    pub fn full_name(&self, start: &str) -> String {
        format!("{start}{}/{}", self.name, self.mark)
    }

    /// A host name.
    pub fn host(&self, place: &str) -> String {
        let (name, mark, region) = (self.name.to_lowercase(), &self.mark[..12], self.region);
        match (self.service(), self.kind()) {
            ("S3", _) => format!("{name}.s3.amazonaws.com"),
            ("CloudFront", _) => format!("d{mark}.cloudfront.net"),
            ("ElasticLoadBalancingV2", _) => format!("{name}-{mark}.{region}.elb.amazonaws.com"),
            ("RDS", "DBCluster") if place.starts_with("Read") => {
                format!("{name}.cluster-ro-{mark}.{region}.rds.amazonaws.com")
            }
            ("RDS", "DBCluster") => format!("{name}.cluster-{mark}.{region}.rds.amazonaws.com"),
            ("RDS", "GlobalCluster") => format!("{name}.global-{mark}.global.rds.amazonaws.com"),
            ("RDS", _) => format!("{name}.{mark}.{region}.rds.amazonaws.com"),
            ("ElastiCache", _) if place.starts_with("Read") => format!("{name}-ro.{mark}.cache.amazonaws.com"),
            ("ElastiCache", _) => format!("{name}.{mark}.cache.amazonaws.com"),
            ("EC2", _) => format!("ip-10-0-0-1-{mark}.{region}.compute.internal"),
            (service, _) => format!("{name}-{mark}.{}.{region}.amazonaws.com", service.to_lowercase()),
        }
    }

    fn arn_service(&self) -> String {
        match self.service() {
            "ElasticLoadBalancingV2" => "elasticloadbalancing".to_owned(),
            "EFS" => "elasticfilesystem".to_owned(),
            "CertificateManager" => "acm".to_owned(),
            "Cognito" => "cognito-idp".to_owned(),
            other => other.to_lowercase(),
        }
    }
}

/// `1234abcd-12ab-34cd-56ef-1234567890ab`
pub fn uuid(mark: &str) -> String {
    format!("{}-{}-4{}-a{}-{}", &mark[..8], &mark[8..12], &mark[12..15], &mark[5..8], &mark[4..16])
}

/// `LoadBalancer` is `load-balancer`, `DBCluster` is `dbcluster`.
pub fn kebab(name: &str) -> String {
    let mut words = String::new();
    let mut after_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_lower {
            words.push('-');
        }
        after_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        words.push(letter.to_ascii_lowercase());
    }
    words
}

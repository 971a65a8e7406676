//! The stacks that the experiments run on.

/// A small network with everything that is hard about one: a slow NAT gateway, objects without tags, objects without names,
/// two security groups that refer to each other, a key that is only pending after its deletion.
pub const NETWORK: &str = r#"
stack: lab
region: eu-central-1
resources:
  vpc:
    type: AWS::EC2::VPC
    properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}
  gateway:
    type: AWS::EC2::InternetGateway
  attachment:
    type: AWS::EC2::VPCGatewayAttachment
    properties: {VpcId: "${vpc.VpcId}", InternetGatewayId: "${gateway.InternetGatewayId}"}
  subnet:
    type: AWS::EC2::Subnet
    for_each: [a, b]
    properties:
      VpcId: ${vpc.VpcId}
      AvailabilityZone: ${aws.region}${each.value}
      CidrBlock: ${cidrsubnet(vpc.CidrBlock, 8, each.index)}
  table:
    type: AWS::EC2::RouteTable
    properties: {VpcId: "${vpc.VpcId}"}
  route:
    type: AWS::EC2::Route
    depends_on: [attachment]
    properties:
      RouteTableId: ${table.RouteTableId}
      DestinationCidrBlock: 0.0.0.0/0
      GatewayId: ${gateway.InternetGatewayId}
  association:
    type: AWS::EC2::SubnetRouteTableAssociation
    properties: {RouteTableId: "${table.RouteTableId}", SubnetId: '${subnet["a"].SubnetId}'}
  address:
    type: AWS::EC2::EIP
    properties: {Domain: vpc}
  nat:
    type: AWS::EC2::NatGateway
    depends_on: [attachment]
    properties: {SubnetId: '${subnet["a"].SubnetId}', AllocationId: "${address.AllocationId}"}
  web:
    type: AWS::EC2::SecurityGroup
    properties: {VpcId: "${vpc.VpcId}", GroupName: web, GroupDescription: the web}
  app:
    type: AWS::EC2::SecurityGroup
    properties: {VpcId: "${vpc.VpcId}", GroupName: app, GroupDescription: the application}
  from_web:
    type: AWS::EC2::SecurityGroupIngress
    properties: {GroupId: "${app.GroupId}", IpProtocol: tcp, FromPort: 8080, ToPort: 8080, SourceSecurityGroupId: "${web.GroupId}"}
  key:
    type: AWS::KMS::Key
    properties: {Description: everything, EnableKeyRotation: true}
  alias:
    type: AWS::KMS::Alias
    properties: {AliasName: alias/lab, TargetKeyId: "${key.KeyId}"}
  log:
    type: AWS::Logs::LogGroup
    properties: {LogGroupName: /lab/log, RetentionInDays: 7}
outputs:
  vpc: {value: "${vpc.VpcId}"}
  key: {value: "${key.Arn}"}
"#;

/// The same with changes that need no replacement.
pub fn changed() -> String {
    NETWORK
        .replace("RetentionInDays: 7", "RetentionInDays: 30")
        .replace("Description: everything", "Description: nearly everything")
        .replace("EnableDnsHostnames: true", "EnableDnsHostnames: false")
}

/// The same with a replacement that others follow, something new, something changed and something that is gone.
pub fn replaced() -> String {
    NETWORK
        .replace("GroupName: web, GroupDescription: the web", "GroupName: front, GroupDescription: the front")
        .replace("LogGroupName: /lab/log, RetentionInDays: 7", "LogGroupName: /lab/other, RetentionInDays: 14")
        .replace("for_each: [a, b]", "for_each: [a, c]")
        .replace("Description: everything", "Description: something else")
}

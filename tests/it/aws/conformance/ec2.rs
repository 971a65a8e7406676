//! EC2.

use serde_json::{Value as Json, json};

use super::{super::cloud::Cloud, gateway, group, route_table, subnet, tags, vpc};

#[tokio::test]
async fn vpc_conforms() {
    let cloud = Cloud::of("vpc_conforms");
    let want = json!({
        "CidrBlock": "10.1.0.0/16", "EnableDnsHostnames": true, "EnableDnsSupport": true, "InstanceTenancy": "default",
        "Tags": tags(&[("Name", "main"), ("Team", "a")]),
    });
    let other = json!({
        "CidrBlock": "10.1.0.0/16", "EnableDnsSupport": false, "InstanceTenancy": "default",
        "Tags": tags(&[("Name", "other")]),
    });
    cloud.check("AWS::EC2::VPC", want, [other]).await;
}

#[tokio::test]
async fn subnet_conforms() {
    let cloud = Cloud::of("subnet_conforms");
    let vpc = vpc(&cloud).await;
    let document = |is_public: bool, name: &str| {
        json!({
            "VpcId": vpc, "CidrBlock": "10.0.7.0/24", "AvailabilityZone": "us-east-1b", "MapPublicIpOnLaunch": is_public,
            "Tags": tags(&[("Name", name)]),
        })
    };
    cloud.check("AWS::EC2::Subnet", document(true, "a"), [document(false, "b")]).await;
}

#[tokio::test]
async fn internet_gateway_conforms() {
    let cloud = Cloud::of("internet_gateway_conforms");
    let document = |name| json!({"Tags": tags(&[("Name", name)])});
    cloud.check("AWS::EC2::InternetGateway", document("a"), [document("b"), json!({})]).await;
}

#[tokio::test]
async fn vpc_gateway_attachment_conforms() {
    let cloud = Cloud::of("vpc_gateway_attachment_conforms");
    let vpc = vpc(&cloud).await;
    let (one, two) = (gateway(&cloud, "one").await, gateway(&cloud, "two").await);
    let document = |gateway: &str| json!({"VpcId": vpc, "InternetGatewayId": gateway});
    cloud.check("AWS::EC2::VPCGatewayAttachment", document(&one), [document(&two)]).await;
}

#[tokio::test]
async fn vpn_gateway_attachment_conforms() {
    let cloud = Cloud::of("vpn_gateway_attachment_conforms");
    let vpc = vpc(&cloud).await;
    let ec2 = cloud.clients.ec2(&cloud.place).await;
    let made = ec2.create_vpn_gateway().r#type("ipsec.1".into()).send().await.unwrap();
    let gateway = made.vpn_gateway.unwrap().vpn_gateway_id.unwrap();
    cloud.check("AWS::EC2::VPCGatewayAttachment", json!({"VpcId": vpc, "VpnGatewayId": gateway}), []).await;
}

#[tokio::test]
async fn eip_conforms() {
    let cloud = Cloud::of("eip_conforms");
    let document = |name| json!({"Domain": "vpc", "Tags": tags(&[("Name", name)])});
    cloud.check("AWS::EC2::EIP", document("a"), [document("b")]).await;
}

#[tokio::test]
async fn public_nat_gateway_conforms() {
    let cloud = Cloud::of("public_nat_gateway_conforms");
    let subnet = subnet(&cloud, &vpc(&cloud).await).await;
    let address = cloud.make_id("AWS::EC2::EIP", "address", json!({"Domain": "vpc"}), "AllocationId").await;
    let document = |name| json!({"SubnetId": subnet, "AllocationId": address, "Tags": tags(&[("Name", name)])});
    cloud.check("AWS::EC2::NatGateway", document("a"), [document("b")]).await;
}

#[tokio::test]
async fn private_nat_gateway_conforms() {
    let cloud = Cloud::of("private_nat_gateway_conforms");
    let subnet = subnet(&cloud, &vpc(&cloud).await).await;
    cloud.check("AWS::EC2::NatGateway", json!({"SubnetId": subnet, "ConnectivityType": "private"}), []).await;
}

#[tokio::test]
async fn route_table_conforms() {
    let cloud = Cloud::of("route_table_conforms");
    let vpc = vpc(&cloud).await;
    let document = |name| json!({"VpcId": vpc, "Tags": tags(&[("Name", name)])});
    cloud.check("AWS::EC2::RouteTable", document("a"), [document("b")]).await;
}

#[tokio::test]
async fn route_conforms() {
    let cloud = Cloud::of("route_conforms");
    let vpc = vpc(&cloud).await;
    let table = route_table(&cloud, &vpc).await;
    let (one, two) = (gateway(&cloud, "one").await, gateway(&cloud, "two").await);
    let document =
        |gateway: &str| json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway});
    cloud.check("AWS::EC2::Route", document(&one), [document(&two)]).await;
}

#[tokio::test]
async fn ipv6_route_conforms() {
    let cloud = Cloud::of("ipv6_route_conforms");
    let table = route_table(&cloud, &vpc(&cloud).await).await;
    let gateway = gateway(&cloud, "one").await;
    let want = json!({"RouteTableId": table, "DestinationIpv6CidrBlock": "::/0", "GatewayId": gateway});
    cloud.check("AWS::EC2::Route", want, []).await;
}

#[tokio::test]
async fn subnet_route_table_association_conforms() {
    let cloud = Cloud::of("subnet_route_table_association_conforms");
    let vpc = vpc(&cloud).await;
    let want = json!({"SubnetId": subnet(&cloud, &vpc).await, "RouteTableId": route_table(&cloud, &vpc).await});
    cloud.check("AWS::EC2::SubnetRouteTableAssociation", want, []).await;
}

#[tokio::test]
async fn security_group_with_inline_rules_conforms() {
    let cloud = Cloud::of("security_group_with_inline_rules_conforms");
    let vpc = vpc(&cloud).await;
    let other = group(&cloud, &vpc).await;
    let document = |ingress: Json, egress: Json| {
        json!({
            "GroupName": "web", "GroupDescription": "web servers", "VpcId": vpc, "SecurityGroupIngress": ingress,
            "SecurityGroupEgress": egress, "Tags": tags(&[("Name", "web")]),
        })
    };
    let web = json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0", "Description": "web"});
    let inside = json!({"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "SourceSecurityGroupId": other});
    let dns = json!({"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIp": "10.0.0.0/16"});
    let anywhere = json!({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"});
    let updates = [
        document(json!([inside]), json!([dns, anywhere])),
        json!({"GroupName": "web", "GroupDescription": "web servers", "VpcId": vpc}),
    ];
    cloud.check("AWS::EC2::SecurityGroup", document(json!([web, inside]), json!([dns])), updates).await;
}

#[tokio::test]
async fn security_group_ingress_conforms() {
    let cloud = Cloud::of("security_group_ingress_conforms");
    let vpc = vpc(&cloud).await;
    let group = group(&cloud, &vpc).await;
    let document = |description: &str| {
        json!({
            "GroupId": group, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8",
            "Description": description,
        })
    };
    cloud.check("AWS::EC2::SecurityGroupIngress", document("a"), [document("b")]).await;
}

#[tokio::test]
async fn security_group_ingress_from_a_group_conforms() {
    let cloud = Cloud::of("security_group_ingress_from_a_group_conforms");
    let vpc = vpc(&cloud).await;
    let group = group(&cloud, &vpc).await;
    let want =
        json!({"GroupId": group, "IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "SourceSecurityGroupId": group});
    cloud.check("AWS::EC2::SecurityGroupIngress", want, []).await;
}

#[tokio::test]
async fn security_group_egress_conforms() {
    let cloud = Cloud::of("security_group_egress_conforms");
    let vpc = vpc(&cloud).await;
    let group = group(&cloud, &vpc).await;
    let document = |description: &str| {
        json!({
            "GroupId": group, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8",
            "Description": description,
        })
    };
    cloud.check("AWS::EC2::SecurityGroupEgress", document("a"), [document("b")]).await;
}

#[tokio::test]
async fn gateway_endpoint_conforms() {
    let cloud = Cloud::of("gateway_endpoint_conforms");
    let vpc = vpc(&cloud).await;
    let table = route_table(&cloud, &vpc).await;
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
    let document = |tables: Json, name: &str| {
        json!({
            "VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.s3", "VpcEndpointType": "Gateway",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}, "RouteTableIds": tables,
            "Tags": tags(&[("Name", name)]),
        })
    };
    cloud.check("AWS::EC2::VPCEndpoint", document(json!([table]), "a"), [document(json!([]), "b")]).await;
}

#[tokio::test]
async fn interface_endpoint_conforms() {
    let cloud = Cloud::of("interface_endpoint_conforms");
    let vpc = vpc(&cloud).await;
    let want = json!({
        "VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.kms", "VpcEndpointType": "Interface",
        "SubnetIds": [subnet(&cloud, &vpc).await], "SecurityGroupIds": [group(&cloud, &vpc).await],
        "PrivateDnsEnabled": true,
    });
    cloud.check("AWS::EC2::VPCEndpoint", want, []).await;
}

#[tokio::test]
async fn flow_log_conforms() {
    let cloud = Cloud::of("flow_log_conforms");
    let vpc = vpc(&cloud).await;
    let document = |name: &str| {
        json!({
            "ResourceType": "VPC", "ResourceId": vpc, "TrafficType": "ALL", "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": "flow", "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
            "MaxAggregationInterval": 60, "Tags": tags(&[("Name", name)]),
        })
    };
    cloud.check("AWS::EC2::FlowLog", document("a"), [document("b")]).await;
}

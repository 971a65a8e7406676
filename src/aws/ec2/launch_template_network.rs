//! The network interfaces of a launch template and of an instance: what CloudFormation and EC2 call the parts of them.

use aws_sdk_ec2::types::{
    ConnectionTrackingSpecificationRequest, EnaSrdSpecificationRequest, EnaSrdUdpSpecificationRequest,
    InstanceIpv6AddressRequest, Ipv4PrefixSpecificationRequest, Ipv6PrefixSpecificationRequest,
    LaunchTemplateInstanceNetworkInterfaceSpecificationRequest, PrivateIpAddressSpecification,
};

use crate::aws::convert::structures;

structures! {
    LaunchTemplateInstanceNetworkInterfaceSpecificationRequest {
        "AssociateCarrierIpAddress": associate_carrier_ip_address set_associate_carrier_ip_address,
        "AssociatePublicIpAddress": associate_public_ip_address set_associate_public_ip_address,
        "ConnectionTrackingSpecification": connection_tracking_specification set_connection_tracking_specification,
        "DeleteOnTermination": delete_on_termination set_delete_on_termination,
        "Description": description set_description, "DeviceIndex": device_index set_device_index,
        "EnaQueueCount": ena_queue_count set_ena_queue_count,
        "EnaSrdSpecification": ena_srd_specification set_ena_srd_specification, "Groups": groups set_groups,
        "InterfaceType": interface_type set_interface_type, "Ipv4PrefixCount": ipv4_prefix_count set_ipv4_prefix_count,
        "Ipv4Prefixes": ipv4_prefixes set_ipv4_prefixes, "Ipv6AddressCount": ipv6_address_count set_ipv6_address_count,
        "Ipv6Addresses": ipv6_addresses set_ipv6_addresses, "Ipv6PrefixCount": ipv6_prefix_count set_ipv6_prefix_count,
        "Ipv6Prefixes": ipv6_prefixes set_ipv6_prefixes, "NetworkCardIndex": network_card_index set_network_card_index,
        "NetworkInterfaceId": network_interface_id set_network_interface_id,
        "PrimaryIpv6": primary_ipv6 set_primary_ipv6, "PrivateIpAddress": private_ip_address set_private_ip_address,
        "PrivateIpAddresses": private_ip_addresses set_private_ip_addresses,
        "SecondaryPrivateIpAddressCount": secondary_private_ip_address_count set_secondary_private_ip_address_count,
        "SubnetId": subnet_id set_subnet_id,
    }
    ConnectionTrackingSpecificationRequest {
        "TcpEstablishedTimeout": tcp_established_timeout set_tcp_established_timeout,
        "UdpStreamTimeout": udp_stream_timeout set_udp_stream_timeout, "UdpTimeout": udp_timeout set_udp_timeout,
    }
    EnaSrdSpecificationRequest {
        "EnaSrdEnabled": ena_srd_enabled set_ena_srd_enabled,
        "EnaSrdUdpSpecification": ena_srd_udp_specification set_ena_srd_udp_specification,
    }
    EnaSrdUdpSpecificationRequest { "EnaSrdUdpEnabled": ena_srd_udp_enabled set_ena_srd_udp_enabled }
    InstanceIpv6AddressRequest { "Ipv6Address": ipv6_address set_ipv6_address }
    Ipv4PrefixSpecificationRequest { "Ipv4Prefix": ipv4_prefix set_ipv4_prefix }
    Ipv6PrefixSpecificationRequest { "Ipv6Prefix": ipv6_prefix set_ipv6_prefix }
    PrivateIpAddressSpecification {
        "Primary": primary set_primary, "PrivateIpAddress": private_ip_address set_private_ip_address,
    }
}

//! What a launch template requires of an instance type: what CloudFormation and EC2 call the parts of it.

use aws_sdk_ec2::types::{
    AcceleratorCountRequest, AcceleratorManufacturer, AcceleratorName, AcceleratorTotalMemoryMiBRequest,
    AcceleratorType, BareMetal, BaselineEbsBandwidthMbpsRequest, BaselinePerformanceFactorsRequest,
    BurstablePerformance, CpuManufacturer, CpuPerformanceFactorRequest, InstanceGeneration,
    InstanceRequirementsRequest, LocalStorage, LocalStorageType, MemoryGiBPerVCpuRequest, MemoryMiBRequest,
    NetworkBandwidthGbpsRequest, NetworkInterfaceCountRequest, PerformanceFactorReferenceRequest,
    TotalLocalStorageGbRequest, VCpuCountRangeRequest,
};

use crate::aws::convert::{structures, words};

words! {
    AcceleratorManufacturer, AcceleratorName, AcceleratorType, BareMetal, BurstablePerformance, CpuManufacturer,
    InstanceGeneration, LocalStorage, LocalStorageType
}

structures! {
    InstanceRequirementsRequest {
        "AcceleratorCount": accelerator_count set_accelerator_count,
        "AcceleratorManufacturers": accelerator_manufacturers set_accelerator_manufacturers,
        "AcceleratorNames": accelerator_names set_accelerator_names,
        "AcceleratorTotalMemoryMiB": accelerator_total_memory_mib set_accelerator_total_memory_mib,
        "AcceleratorTypes": accelerator_types set_accelerator_types,
        "AllowedInstanceTypes": allowed_instance_types set_allowed_instance_types,
        "BareMetal": bare_metal set_bare_metal,
        "BaselineEbsBandwidthMbps": baseline_ebs_bandwidth_mbps set_baseline_ebs_bandwidth_mbps,
        "BaselinePerformanceFactors": baseline_performance_factors set_baseline_performance_factors,
        "BurstablePerformance": burstable_performance set_burstable_performance,
        "CpuManufacturers": cpu_manufacturers set_cpu_manufacturers,
        "ExcludedInstanceTypes": excluded_instance_types set_excluded_instance_types,
        "InstanceGenerations": instance_generations set_instance_generations,
        "LocalStorage": local_storage set_local_storage,
        "LocalStorageTypes": local_storage_types set_local_storage_types,
        "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice":
            max_spot_price_as_percentage_of_optimal_on_demand_price
            set_max_spot_price_as_percentage_of_optimal_on_demand_price,
        "MemoryGiBPerVCpu": memory_gib_per_v_cpu set_memory_gib_per_v_cpu, "MemoryMiB": memory_mib set_memory_mib,
        "NetworkBandwidthGbps": network_bandwidth_gbps set_network_bandwidth_gbps,
        "NetworkInterfaceCount": network_interface_count set_network_interface_count,
        "OnDemandMaxPricePercentageOverLowestPrice":
            on_demand_max_price_percentage_over_lowest_price set_on_demand_max_price_percentage_over_lowest_price,
        "RequireHibernateSupport": require_hibernate_support set_require_hibernate_support,
        "SpotMaxPricePercentageOverLowestPrice":
            spot_max_price_percentage_over_lowest_price set_spot_max_price_percentage_over_lowest_price,
        "TotalLocalStorageGB": total_local_storage_gb set_total_local_storage_gb,
        "VCpuCount": v_cpu_count set_v_cpu_count,
    }
    AcceleratorCountRequest { "Min": min set_min, "Max": max set_max }
    AcceleratorTotalMemoryMiBRequest { "Min": min set_min, "Max": max set_max }
    BaselineEbsBandwidthMbpsRequest { "Min": min set_min, "Max": max set_max }
    BaselinePerformanceFactorsRequest { "Cpu": cpu set_cpu }
    CpuPerformanceFactorRequest { "References": references set_references }
    PerformanceFactorReferenceRequest { "InstanceFamily": instance_family set_instance_family }
    MemoryGiBPerVCpuRequest { "Min": min set_min, "Max": max set_max }
    MemoryMiBRequest { "Min": min set_min, "Max": max set_max }
    NetworkBandwidthGbpsRequest { "Min": min set_min, "Max": max set_max }
    NetworkInterfaceCountRequest { "Min": min set_min, "Max": max set_max }
    TotalLocalStorageGbRequest { "Min": min set_min, "Max": max set_max }
    VCpuCountRangeRequest { "Min": min set_min, "Max": max set_max }
}

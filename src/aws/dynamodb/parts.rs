//! The parts of a table: what CloudFormation and DynamoDB call them.

use aws_sdk_dynamodb::types::{
    ApproximateCreationDateTimePrecision, AttributeDefinition, BillingMode, ContributorInsightsMode,
    CreateGlobalSecondaryIndexAction, CreateVectorIndexAction, CsvOptions, GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription, GlobalSecondaryIndexWarmThroughputDescription, InputCompressionType, InputFormat,
    InputFormatOptions, KeySchemaElement, KeyType, LocalSecondaryIndex, LocalSecondaryIndexDescription,
    OnDemandThroughput, Projection, ProjectionType, ProvisionedThroughput, ProvisionedThroughputDescription,
    S3BucketSource, ScalarAttributeType, SearchSchemaElement, SearchSchemaElementType, SseSpecification, SseType,
    StreamViewType, TableClass, TableWarmThroughputDescription, VectorAttributeDefinition, VectorDistanceFunction,
    VectorIndex, VectorIndexDescription, WarmThroughput,
};

use crate::aws::convert::{structures, words};

words! {
    ApproximateCreationDateTimePrecision, BillingMode, ContributorInsightsMode, InputCompressionType, InputFormat, KeyType,
    ProjectionType, ScalarAttributeType, SearchSchemaElementType, SseType, StreamViewType, TableClass,
    VectorDistanceFunction
}

structures! {
    AttributeDefinition {
        "AttributeName": attribute_name set_attribute_name, "AttributeType": attribute_type set_attribute_type,
    }
    KeySchemaElement { "AttributeName": attribute_name set_attribute_name, "KeyType": key_type set_key_type }
    Projection {
        "ProjectionType": projection_type set_projection_type,
        "NonKeyAttributes": non_key_attributes set_non_key_attributes,
    }
    ProvisionedThroughput {
        "ReadCapacityUnits": read_capacity_units set_read_capacity_units,
        "WriteCapacityUnits": write_capacity_units set_write_capacity_units,
    }
    ProvisionedThroughputDescription {
        "ReadCapacityUnits": read_capacity_units set_read_capacity_units,
        "WriteCapacityUnits": write_capacity_units set_write_capacity_units,
    }
    OnDemandThroughput {
        "MaxReadRequestUnits": max_read_request_units set_max_read_request_units,
        "MaxWriteRequestUnits": max_write_request_units set_max_write_request_units,
    }
    WarmThroughput {
        "ReadUnitsPerSecond": read_units_per_second set_read_units_per_second,
        "WriteUnitsPerSecond": write_units_per_second set_write_units_per_second,
    }
    TableWarmThroughputDescription {
        "ReadUnitsPerSecond": read_units_per_second set_read_units_per_second,
        "WriteUnitsPerSecond": write_units_per_second set_write_units_per_second,
    }
    GlobalSecondaryIndexWarmThroughputDescription {
        "ReadUnitsPerSecond": read_units_per_second set_read_units_per_second,
        "WriteUnitsPerSecond": write_units_per_second set_write_units_per_second,
    }
    GlobalSecondaryIndex {
        "IndexName": index_name set_index_name, "KeySchema": key_schema set_key_schema,
        "Projection": projection set_projection, "ProvisionedThroughput": provisioned_throughput set_provisioned_throughput,
        "OnDemandThroughput": on_demand_throughput set_on_demand_throughput,
        "WarmThroughput": warm_throughput set_warm_throughput,
    }
    CreateGlobalSecondaryIndexAction {
        "IndexName": index_name set_index_name, "KeySchema": key_schema set_key_schema,
        "Projection": projection set_projection, "ProvisionedThroughput": provisioned_throughput set_provisioned_throughput,
        "OnDemandThroughput": on_demand_throughput set_on_demand_throughput,
        "WarmThroughput": warm_throughput set_warm_throughput,
    }
    GlobalSecondaryIndexDescription {
        "IndexName": index_name set_index_name, "KeySchema": key_schema set_key_schema,
        "Projection": projection set_projection, "ProvisionedThroughput": provisioned_throughput set_provisioned_throughput,
        "OnDemandThroughput": on_demand_throughput set_on_demand_throughput,
        "WarmThroughput": warm_throughput set_warm_throughput,
    }
    LocalSecondaryIndex {
        "IndexName": index_name set_index_name, "KeySchema": key_schema set_key_schema,
        "Projection": projection set_projection,
    }
    LocalSecondaryIndexDescription {
        "IndexName": index_name set_index_name, "KeySchema": key_schema set_key_schema,
        "Projection": projection set_projection,
    }
    VectorIndex {
        "IndexName": index_name set_index_name, "VectorAttribute": vector_attribute set_vector_attribute,
        "SearchSchema": search_schema set_search_schema, "Projection": projection set_projection,
        "Dimensions": dimensions set_dimensions, "DistanceFunction": distance_function set_distance_function,
    }
    CreateVectorIndexAction {
        "IndexName": index_name set_index_name, "VectorAttribute": vector_attribute set_vector_attribute,
        "SearchSchema": search_schema set_search_schema, "Projection": projection set_projection,
        "Dimensions": dimensions set_dimensions, "DistanceFunction": distance_function set_distance_function,
    }
    VectorIndexDescription {
        "IndexName": index_name set_index_name, "VectorAttribute": vector_attribute set_vector_attribute,
        "SearchSchema": search_schema set_search_schema, "Projection": projection set_projection,
        "Dimensions": dimensions set_dimensions, "DistanceFunction": distance_function set_distance_function,
    }
    VectorAttributeDefinition { "AttributeName": attribute_name set_attribute_name }
    SearchSchemaElement {
        "AttributeName": attribute_name set_attribute_name,
        "SearchSchemaElementType": search_schema_element_type set_search_schema_element_type,
    }
    SseSpecification {
        "SSEEnabled": enabled set_enabled, "SSEType": sse_type set_sse_type,
        "KMSMasterKeyId": kms_master_key_id set_kms_master_key_id,
    }
    S3BucketSource {
        "S3Bucket": s3_bucket set_s3_bucket, "S3BucketOwner": s3_bucket_owner set_s3_bucket_owner,
        "S3KeyPrefix": s3_key_prefix set_s3_key_prefix,
    }
    InputFormatOptions { "Csv": csv set_csv }
    CsvOptions { "Delimiter": delimiter set_delimiter, "HeaderList": header_list set_header_list }
}

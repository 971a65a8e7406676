//! A budget and who is told of it: what CloudFormation and Budgets call the parts of them.

#![expect(deprecated, reason = "`CostFilters` and `CostTypes` are what most stacks have")]

use aws_sdk_budgets::types::{
    AutoAdjustData, AutoAdjustType, Budget, BudgetType, ComparisonOperator, CostCategoryValues, CostTypes, Dimension,
    Expression, ExpressionDimensionValues, HistoricalOptions, MatchOption, Metric, Notification, NotificationType,
    NotificationWithSubscribers, Spend, Subscriber, SubscriptionType, TagValues, ThresholdType, TimePeriod, TimeUnit,
};
use serde_json::{Number, Value as Json};

use crate::{
    aws::convert::{Finished, Observed, Part, Wanted, structures, words},
    driver::Result,
};

words! {
    AutoAdjustType, BudgetType, ComparisonOperator, Dimension, MatchOption, Metric, NotificationType, SubscriptionType,
    ThresholdType, TimeUnit
}

structures! {
    Budget {
        "BudgetName": budget_name set_budget_name, "BudgetType": budget_type set_budget_type,
        "BudgetLimit": budget_limit set_budget_limit,
        "PlannedBudgetLimits": planned_budget_limits set_planned_budget_limits,
        "AutoAdjustData": auto_adjust_data set_auto_adjust_data, "TimeUnit": time_unit set_time_unit,
        "TimePeriod": time_period set_time_period, "CostFilters": cost_filters set_cost_filters,
        "CostTypes": cost_types set_cost_types, "FilterExpression": filter_expression set_filter_expression,
        "Metrics": metrics set_metrics, "BillingViewArn": billing_view_arn set_billing_view_arn,
    }
    AutoAdjustData {
        "AutoAdjustType": auto_adjust_type set_auto_adjust_type,
        "HistoricalOptions": historical_options set_historical_options,
    }
    HistoricalOptions { "BudgetAdjustmentPeriod": budget_adjustment_period set_budget_adjustment_period }
    TimePeriod { "Start": start set_start, "End": end set_end }
    CostTypes {
        "IncludeCredit": include_credit set_include_credit, "IncludeDiscount": include_discount set_include_discount,
        "IncludeOtherSubscription": include_other_subscription set_include_other_subscription,
        "IncludeRecurring": include_recurring set_include_recurring, "IncludeRefund": include_refund set_include_refund,
        "IncludeSubscription": include_subscription set_include_subscription,
        "IncludeSupport": include_support set_include_support, "IncludeTax": include_tax set_include_tax,
        "IncludeUpfront": include_upfront set_include_upfront, "UseAmortized": use_amortized set_use_amortized,
        "UseBlended": use_blended set_use_blended,
    }
    Expression {
        "And": and set_and, "Or": or set_or, "Not": not set_not, "Dimensions": dimensions set_dimensions,
        "Tags": tags set_tags, "CostCategories": cost_categories set_cost_categories,
    }
    ExpressionDimensionValues {
        "Key": key set_key, "Values": values set_values, "MatchOptions": match_options set_match_options,
    }
    TagValues { "Key": key set_key, "Values": values set_values, "MatchOptions": match_options set_match_options }
    CostCategoryValues {
        "Key": key set_key, "Values": values set_values, "MatchOptions": match_options set_match_options,
    }
    NotificationWithSubscribers {
        "Notification": notification set_notification, "Subscribers": subscribers set_subscribers,
    }
    Notification {
        "NotificationType": notification_type set_notification_type,
        "ComparisonOperator": comparison_operator set_comparison_operator, "Threshold": threshold set_threshold,
        "ThresholdType": threshold_type set_threshold_type,
    }
    Subscriber { "SubscriptionType": subscription_type set_subscription_type, "Address": address set_address }
}

/// An amount is a number in a document and a text in the SDK; AWS reports `1500` as `1500.0`.
impl Part for Spend {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let inner = around.within(value, name)?;
        Spend::builder().set_amount(inner.part("Amount")?).set_unit(inner.part("Unit")?).build().finished(&inner)
    }

    fn shown(&self) -> Json {
        let amount = self.amount.strip_suffix(".0").unwrap_or(&self.amount);
        let amount = amount.parse::<Number>().map_or_else(|_| Json::from(amount), Json::Number);
        Observed::new().with("Amount", Some(amount)).with("Unit", Some(self.unit.as_str())).into()
    }
}

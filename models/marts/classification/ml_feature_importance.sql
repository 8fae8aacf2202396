with

weighed as (

    select * from {{ ref('int_features_weighed') }}

)

select
    target,
    feature,
    method,
    importance,
    standard_error,
    p_value,
    cast(
        row_number() over (
            partition by target, method
            order by case when method = 'linear_regression' then abs(importance) else importance end desc, feature
        ) as bigint
    ) as rank,
    examples,
    users
from weighed

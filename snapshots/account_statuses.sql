{% snapshot account_statuses %}
select
    account_id,
    account_status,
    told_at
from {{ ref('dim_account_statuses') }}
where is_current
{% endsnapshot %}

select
    experiment_name,
    user_id,
    variant,
    stratum,
    assigned_at,
    place_in_stratum,
    block_number,
    place_in_block
from {{ source('loader', 'kept_assignments') }}

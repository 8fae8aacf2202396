{% for feed in feeds() %}
select
    '{{ feed.name }}' as feed,
    file_name,
    row_number,
    raw_row,
    reasons
from {{ ref(feed.model) }}
where outcome = 'rejected'
{% if not loop.last %}
union all
{% endif %}
{% endfor %}

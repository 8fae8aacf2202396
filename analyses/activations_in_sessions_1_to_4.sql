-- In which sessions are accounts activated, and is it otherwise on mobiles? Shares of all activations on the device,
-- with milestones among the events (stream) and without (enclosing).
select
    session_reading,
    device_type,
    max(all_activations) as all_activations,
    round(100 * sum(case when session_number = 1 then activation_share else 0 end), 1) as percent_in_session_1,
    round(100 * sum(case when session_number = 2 then activation_share else 0 end), 1) as percent_in_session_2,
    round(100 * sum(case when session_number = 3 then activation_share else 0 end), 1) as percent_in_session_3,
    round(100 * sum(case when session_number = 4 then activation_share else 0 end), 1) as percent_in_session_4,
    round(100 * sum(case when session_number <= 4 then activation_share else 0 end), 1) as percent_in_sessions_1_to_4
from {{ ref('agg_activations_by_session') }}
group by session_reading, device_type
order by session_reading desc, all_activations desc, device_type asc

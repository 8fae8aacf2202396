{{ checked_events(
    'onboarding', 'onboarding_events',
    event_id=hashed_id([
        'client_id', 'account_id', 'event_name', 'event_dttm',
        'row_number() over (
            partition by reasons is null, file_name, client_id, account_id, event_name, event_dttm order by row_number
        )',
    ]),
    content="''"
) }}

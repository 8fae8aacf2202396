{{ checked_rows('platform', 'user_activity') }}

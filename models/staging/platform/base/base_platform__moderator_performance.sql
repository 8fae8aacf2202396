{{ checked_rows('platform', 'moderator_performance') }}

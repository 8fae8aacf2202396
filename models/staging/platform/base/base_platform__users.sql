{{ checked_rows('platform', 'users') }}

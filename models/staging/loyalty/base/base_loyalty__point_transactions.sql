{{ checked_rows('loyalty', 'point_transactions') }}

"""The networks of the recommenders that learn with torch; imported where one is fitted or asked."""

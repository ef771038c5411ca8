"""Steps of the tables, one a release; made by Django."""

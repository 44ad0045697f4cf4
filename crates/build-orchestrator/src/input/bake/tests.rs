//! Bake files in all the forms that people write.

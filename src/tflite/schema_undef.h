/* Ends one use of schema.def. No include guard: it is included after each. */
#undef TMOI_TABLE
#undef TMOI_EMPTY_TABLE
#undef TMOI_TABLE_END
#undef TMOI_SCALAR
#undef TMOI_STRING
#undef TMOI_VECTOR
#undef TMOI_SUBTABLE
#undef TMOI_TABLES
#undef TMOI_UNION
#undef TMOI_MEMBER

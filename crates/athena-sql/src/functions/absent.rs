//! Functions that Athena has and this engine has not, so that they are refused by their names and not
//! as a typing error is.
//!
//! Source: Trino's documentation, "List of functions and operators".

use crate::error::Error;

/// In lower case, in their order. Those of geometry beside these begin with [`GEOMETRY`].
const ABSENT: &[&str] = &[
    "approx_set",
    "bar",
    "bing_tile",
    "bing_tile_at",
    "bing_tile_coordinates",
    "bing_tile_polygon",
    "bing_tile_quadkey",
    "bing_tile_zoom_level",
    "bing_tiles_around",
    "color",
    "convex_hull_agg",
    "empty_approx_set",
    "entropy",
    "from_encoded_polyline",
    "from_geojson_geometry",
    "geometry_from_hadoop_shape",
    "geometry_invalid_reason",
    "geometry_nearest_points",
    "geometry_to_bing_tiles",
    "geometry_union",
    "geometry_union_agg",
    "hash_counts",
    "intersection_cardinality",
    "jaccard_index",
    "line_interpolate_point",
    "line_interpolate_points",
    "line_locate_point",
    "make_set_digest",
    "merge",
    "merge_set_digest",
    "murmur3",
    "numeric_histogram",
    "qdigest_agg",
    "quantile_at_value",
    "render",
    "rgb",
    "simplify_geometry",
    "spatial_partitioning",
    "spatial_partitions",
    "spooky_hash_v2_32",
    "spooky_hash_v2_64",
    "tdigest_agg",
    "to_encoded_polyline",
    "to_geojson_geometry",
    "to_geometry",
    "to_spherical_geography",
    "value_at_quantile",
    "values_at_quantiles",
    "version",
];

const GEOMETRY: &str = "st_";

/// The error of a name, in lower case, that no function here has.
pub fn unknown_function(name: &str) -> Error {
    if ABSENT.binary_search(&name).is_ok() || name.starts_with(GEOMETRY) {
        return Error::not_supported(format!("the function {name}"));
    }
    Error::user(
        "FUNCTION_NOT_FOUND",
        format!("Function '{name}' not registered"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::functions::Registry;

    #[test]
    fn what_is_absent_is_in_order_and_really_absent() {
        assert!(ABSENT.is_sorted());
        let here = ABSENT
            .iter()
            .find(|name| !Registry::get().named(name).is_empty());
        assert_eq!(here, None);
    }

    #[test]
    fn what_athena_has_is_refused_by_name_and_a_typing_error_is_not_found() {
        for name in ["approx_set", "st_point", "merge"] {
            assert_eq!(
                unknown_function(name).kind,
                ErrorKind::NotSupported,
                "{name}"
            );
        }
        assert_eq!(unknown_function("aprox_set").code, "FUNCTION_NOT_FOUND");
    }
}

using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Metadata;

public class SchemaTests
{
    // Levels from the Dremel paper's rules and LogicalTypes.md, "Lists": each optional or repeated node adds a definition level.
    [Theory]
    [InlineData("3-level, nullable everywhere", 3, 2, true, Repetition.Optional, "logits", "list", "element")]
    [InlineData("3-level, required everywhere", 1, 1, false, Repetition.Required, "logits", "list", "element")]
    public void Three_level_lists_resolve(string what, int definition, int entry, bool nullable, Repetition around, params string[] names)
    {
        Schema schema = Schema.Build(
        [
            new("schema") { NumChildren = 1 },
            new(names[0]) { Repetition = around, NumChildren = 1, ConvertedType = ConvertedType.List },
            new(names[1]) { Repetition = Repetition.Repeated, NumChildren = 1 },
            new(names[2]) { Repetition = around, Type = PhysicalType.Float },
        ]);
        SchemaLeaf leaf = Assert.IsType<SchemaLeaf>(schema.Find("logits")?.SingleLeaf);
        Assert.Equal("logits.list.element", leaf.Path);
        Assert.True(schema.Find("logits")!.IsList, what);
        Assert.Equal(1, leaf.MaxRepetitionLevel);
        Assert.Equal(definition, leaf.MaxDefinitionLevel);
        ListLevel list = Assert.Single(leaf.Lists);
        Assert.Equal(entry, list.EntryDefinitionLevel);
        Assert.Equal(entry - 1, list.EmptyDefinitionLevel);
        Assert.Equal(nullable, leaf.IsNullable);
    }

    [Fact]
    public void A_two_level_list_and_a_bare_repeated_column_resolve()
    {
        Schema schema = Schema.Build(
        [
            new("schema") { NumChildren = 2 },
            new("logits") { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List },
            new("array") { Repetition = Repetition.Repeated, Type = PhysicalType.Double },
            new("bare") { Repetition = Repetition.Repeated, Type = PhysicalType.Int32 },
        ]);
        SchemaLeaf two = schema.Find("logits")!.SingleLeaf!;
        Assert.Equal((2, 1, 2), (two.MaxDefinitionLevel, two.MaxRepetitionLevel, two.Lists[0].EntryDefinitionLevel));
        SchemaLeaf bare = schema.Find("bare")!.SingleLeaf!;
        Assert.Equal((1, 1, 1), (bare.MaxDefinitionLevel, bare.MaxRepetitionLevel, bare.Lists[0].EntryDefinitionLevel));
        Assert.False(bare.IsNullable);
        Assert.Equal(1, bare.ColumnIndex);
    }

    [Fact]
    public void Lists_of_lists_have_a_level_each()
    {
        Schema schema = Schema.Build(
        [
            new("schema") { NumChildren = 1 },
            new("a") { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List },
            new("list") { Repetition = Repetition.Repeated, NumChildren = 1 },
            new("element") { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List },
            new("list") { Repetition = Repetition.Repeated, NumChildren = 1 },
            new("element") { Repetition = Repetition.Optional, Type = PhysicalType.Float },
        ]);
        SchemaLeaf leaf = schema.Leaves[0];
        Assert.Equal((5, 2), (leaf.MaxDefinitionLevel, leaf.MaxRepetitionLevel));
        Assert.Equal([2, 4], leaf.Lists.Select(l => l.EntryDefinitionLevel));
    }

    [Fact]
    public void Names_with_dots_fields_of_groups_and_missing_names_are_told_apart()
    {
        Schema schema = Schema.Build(
        [
            new("schema") { NumChildren = 3 },
            new("a.b") { Repetition = Repetition.Required, Type = PhysicalType.Int32 },
            new("a") { Repetition = Repetition.Required, NumChildren = 1 },
            new("c") { Repetition = Repetition.Optional, Type = PhysicalType.Int64 },
            new("d") { Repetition = Repetition.Required, Type = PhysicalType.Int64 },
        ]);
        Assert.Equal(0, schema.Find("a.b")?.Leaf?.ColumnIndex);
        Assert.Equal(1, schema.Find("a.c")?.Leaf?.ColumnIndex);
        Assert.Equal(2, schema.Find("d")?.Leaf?.ColumnIndex);
        Assert.Null(schema.Find("a.x"));
        Assert.Null(schema.Find(""));
        Assert.Null(schema.Find("a."));
    }

    [Fact]
    public void An_ambiguous_name_is_an_error_only_when_it_is_asked_for()
    {
        Schema schema = Schema.Build(
        [
            new("schema") { NumChildren = 3 },
            new("x") { Repetition = Repetition.Required, Type = PhysicalType.Int32 },
            new("x") { Repetition = Repetition.Required, Type = PhysicalType.Int32 },
            new("y") { Repetition = Repetition.Required, Type = PhysicalType.Int32 },
        ]);
        Assert.Equal(2, schema.Find("y")?.Leaf?.ColumnIndex);
        Assert.Contains("x", Assert.Throws<ParquetException>(() => schema.Find("x")).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, SchemaElement[]> NoTrees => new()
    {
        { "nothing", [] },
        { "the root is a leaf", [new("r") { Type = PhysicalType.Int32 }] },
        { "too few elements", [new("r") { NumChildren = 2 }, new("a") { Repetition = Repetition.Required, Type = PhysicalType.Int32 }] },
        { "too many elements", [new("r") { NumChildren = 0 }, new("a") { Repetition = Repetition.Required, Type = PhysicalType.Int32 }] },
        { "minus one child", [new("r") { NumChildren = -1 }, new("a") { Repetition = Repetition.Required, Type = PhysicalType.Int32 }] },
        { "type 8", [new("r") { NumChildren = 1 }, new("a") { Repetition = Repetition.Required, Type = (PhysicalType)8 }] },
        { "repetition 3", [new("r") { NumChildren = 1 }, new("a") { Repetition = (Repetition)3, Type = PhysicalType.Int32 }] },
        { "no length", [new("r") { NumChildren = 1 }, new("a") { Repetition = Repetition.Required, Type = PhysicalType.FixedLenByteArray }] },
        { "too deep", [.. Enumerable.Repeat(new SchemaElement("g") { Repetition = Repetition.Required, NumChildren = 1 }, 100_000)] },
    };

    [Theory]
    [MemberData(nameof(NoTrees))]
    public void What_is_no_tree_of_known_types_is_an_error(string what, SchemaElement[] elements)
    {
        var e = Assert.Throws<ParquetException>(() => Schema.Build(elements));
        Assert.False(string.IsNullOrWhiteSpace(e.Message), what);
    }
}

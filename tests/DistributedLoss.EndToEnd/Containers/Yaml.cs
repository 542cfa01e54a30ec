using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace DistributedLoss.EndToEnd.Containers;

/// <summary>A node of a YAML document: a mapping, a sequence or a scalar. What is not there is an empty node.</summary>
internal sealed class Yaml(object? node)
{
    private static readonly IDeserializer Deserializer = new DeserializerBuilder().Build();

    /// <summary>The documents of a file, with anchors and merge keys resolved.</summary>
    public static Yaml[] Documents(string file)
    {
        using var reader = new StringReader(Repository.Read(file));
        var parser = new MergingParser(new Parser(reader));
        parser.Consume<YamlDotNet.Core.Events.StreamStart>();
        var documents = new List<Yaml>();
        while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _))
        {
            documents.Add(new Yaml(Deserializer.Deserialize(parser)));
        }

        return [.. documents];
    }

    public bool IsThere => node is not null;

    public string? Text => node as string;

    public IEnumerable<Yaml> Items => node is List<object> list ? list.Select(i => new Yaml(i)) : [];

    public IEnumerable<(string Key, Yaml Value)> Entries =>
        node is Dictionary<object, object> map ? map.Select(e => ((string)e.Key, new Yaml(e.Value))) : [];

    public Yaml this[string key] => new(node is Dictionary<object, object> map ? map.GetValueOrDefault(key) : null);

    public bool Has(string key) => node is Dictionary<object, object> map && map.ContainsKey(key);

    /// <summary>This node and all below it.</summary>
    public IEnumerable<Yaml> Nodes => [this, .. Entries.Select(e => e.Value).Concat(Items).SelectMany(n => n.Nodes)];

    /// <summary>The values of a sequence of scalars, or the words of one scalar.</summary>
    public string[] Words => Text is { } text ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [.. Items.Select(i => i.Text ?? "")];
}

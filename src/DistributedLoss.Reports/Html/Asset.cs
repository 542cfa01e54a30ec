using System.Security.Cryptography;
using System.Text;

namespace DistributedLoss.Reports.Html;

/// <summary>A style sheet or script that a page carries within it.</summary>
/// <param name="Text">Without anything that would end its element.</param>
public sealed record Asset(string Text)
{
    /// <summary>As a content security policy names it: nothing but these bytes is let in.</summary>
    public string Source => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}'";

    /// <param name="name">Of a resource in the assembly of <paramref name="owner"/>.</param>
    public static Asset Load(Type owner, string name)
    {
        using var stream = owner.Assembly.GetManifestResourceStream(name) ?? throw new ArgumentException($"{owner.Assembly.GetName().Name} has no resource {name}", nameof(name));
        using var reader = new StreamReader(stream);
        return new Asset(reader.ReadToEnd());
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistributedLoss.Akka.Nodes;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Akka.Tests.Nodes;

public sealed class NodeCertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-akka-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>What it is read from is right, password and key: it is only that nobody vouches for it.</summary>
    [Fact]
    public void A_certificate_that_this_machine_does_not_trust_is_told_before_anybody_is_asked_to_trust_it()
    {
        var settings = new NodeSettings { Certificate = WriteCertificate("secret"), CertificatePasswordFile = WriteText("secret\nand a second line") };
        var e = Assert.Throws<NodeException>(settings.Check);
        Assert.Contains($"{settings.Certificate}: this machine does not trust", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("password", "no certificate can be read")]
    [InlineData("no password", "no certificate can be read")]
    [InlineData("no key", "no private key")]
    [InlineData("no name", "no DNS name")]
    [InlineData("no file", "no certificate can be read")]
    [InlineData("no password file", "cannot be read")]
    [InlineData("garbage", "no certificate can be read")]
    public void A_certificate_that_cannot_be_used_is_told_in_one_line_without_the_password(string what, string said)
    {
        var settings = new NodeSettings
        {
            Certificate = what switch
            {
                "no file" => Path.Combine(_folder.FullName, "none.p12"),
                "garbage" => WriteText("garbage"),
                _ => WriteCertificate("secret", withKey: what != "no key", name: what == "no name" ? "O=dloss" : "CN=dloss"),
            },
            CertificatePasswordFile = what switch
            {
                "no password" => null,
                "no password file" => Path.Combine(_folder.FullName, "none.txt"),
                "password" => WriteText("wrong-password"),
                _ => WriteText("secret"),
            },
        };
        var e = Assert.Throws<BadOptionException>(settings.Check);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.FullName, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("wrong-password", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    private string WriteText(string text)
    {
        string path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}");
        File.WriteAllText(path, text);
        return path;
    }

    private string WriteCertificate(string password, bool withKey = true, string name = "CN=dloss")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var exported = withKey ? null : X509CertificateLoader.LoadCertificate(certificate.RawData);
        string path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.p12");
        File.WriteAllBytes(path, (exported ?? certificate).Export(X509ContentType.Pkcs12, password));
        return path;
    }
}

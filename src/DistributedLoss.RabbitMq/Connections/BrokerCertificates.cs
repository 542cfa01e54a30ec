using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistributedLoss.Evaluation;
using RabbitMQ.Client;

namespace DistributedLoss.RabbitMq.Connections;

/// <summary>Which broker we believe, and which certificate of ours it sees. There is no way to believe any broker.</summary>
internal sealed class BrokerCertificates
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly string _host;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2Collection _own = [];

    /// <exception cref="BadOptionException">A file holds no certificate, or no key.</exception>
    public BrokerCertificates(BrokerSettings settings)
    {
        _host = settings.Host;
        if (settings.AuthorityFile is { } authorities)
        {
            _authorities = [];
            Load("--broker-ca", authorities, "certificates of authorities", () => _authorities.ImportFromPemFile(authorities));
            if (_authorities.Count == 0)
            {
                throw new BadOptionException($"--broker-ca {authorities}: holds no certificate; name a PEM file of the authority that signed the broker's");
            }
        }

        if (settings.CertificateFile is { } own)
        {
            Load("--broker-cert", own, "a certificate and, there or in --broker-key, its key", () => _own.Add(X509Certificate2.CreateFromPemFile(own, settings.KeyFile)));
        }
    }

    /// <summary>Why the last certificate that the broker showed was refused; null where none was.</summary>
    public string? Refusal { get; private set; }

    public SslOption ToOption() => new()
    {
        Enabled = true,
        ServerName = _host,
        Certs = _own,
        CertificateValidationCallback = (_, certificate, chain, errors) => (Refusal = Check(certificate, chain, errors)) is null,
    };

    private string? Check(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "the broker shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"the broker's certificate ({shown.Subject}) is not for the name {_host}";
        }

        if (_authorities is null)
        {
            return errors == SslPolicyErrors.None ? null : Untrusted(shown, sent);
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // As without --broker-ca: a private authority seldom publishes a list of what it revoked.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        foreach (var link in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(link.Certificate);
        }

        return chain.Build(shown) ? null : Untrusted(shown, chain);
    }

    private static string Untrusted(X509Certificate2 shown, X509Chain? chain)
    {
        var states = (chain?.ChainStatus ?? []).Select(s => s.Status).Distinct();
        return $"the broker's certificate ({shown.Subject}) is not trusted ({string.Join(", ", states)})";
    }

    private static void Load(string option, string file, string what, Action load)
    {
        try
        {
            load();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new BadOptionException($"{option} {file}: cannot be read as PEM: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; it holds {what}");
        }
    }
}

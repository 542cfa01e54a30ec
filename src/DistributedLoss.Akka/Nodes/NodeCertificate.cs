using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Akka.Nodes;

/// <summary>The certificate that a node shows to those that connect to it.</summary>
internal static class NodeCertificate
{
    /// <returns>Null where the settings name none.</returns>
    /// <exception cref="BadOptionException">It is not there, is none, has another password, or has no key or name.</exception>
    /// <exception cref="NodeException">This machine does not trust it.</exception>
    public static X509Certificate2? Load(NodeSettings settings)
    {
        if (settings.Certificate is not { } path)
        {
            return null;
        }

        var certificate = Read(path, settings.CertificatePasswordFile);
        try
        {
            Check(path, certificate);
            return certificate;
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }

    private static X509Certificate2 Read(string path, string? passwordFile)
    {
        try
        {
            string? password = passwordFile is null ? null : File.ReadLines(passwordFile).FirstOrDefault();
            return X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }
        catch (CryptographicException e)
        {
            throw new BadOptionException(
                $"{path}: no certificate can be read from it ({NodeSettings.OneLine(e.Message)}); it must be PKCS#12, with the password in the file that {NodeSettings.PasswordFileVariable} names");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadOptionException($"the certificate or its password cannot be read: {NodeSettings.OneLine(e.Message)}");
        }
    }

    private static void Check(string path, X509Certificate2 certificate)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new BadOptionException($"{path}: the certificate has no private key; put both into one PKCS#12 file");
        }

        if (certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false).Length == 0)
        {
            throw new BadOptionException($"{path}: the certificate has no DNS name, by which the nodes of a cluster know each other; add one, the same for all");
        }

        // The others' are signed by the same authority: where this one is not trusted, nor are they, and Akka would only say that nobody answers.
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (!chain.Build(certificate))
        {
            string why = string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()).Distinct());
            throw new NodeException(
                $"{path}: this machine does not trust the certificate ({NodeSettings.OneLine(why)}); add its authority to the system's, or name the authority's file in SSL_CERT_FILE");
        }
    }
}

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>What comes in through the ingress reaches the server, under a host that the operator names.</summary>
public sealed class IngressTests
{
    private static readonly Manifest Ingress = Manifest.Read(Manifest.Ingress);

    [Fact]
    public void It_leads_to_the_port_of_the_service_that_the_policy_leaves_open()
    {
        var service = Manifest.Read(Manifest.Service);
        var path = Ingress.List("spec.rules[0].http.paths").Single();

        Assert.Equal(("/", "Prefix"), (path.Text("path"), path.Text("pathType")));
        Assert.Equal(service.Text("metadata.name"), path.Text("backend.service.name"));
        var port = service.List("spec.ports").Single(port => port.Text("name") == path.Text("backend.service.port.name"));
        var open = Manifest.Read(Manifest.NetworkPolicy).List("spec.ingress").Single(rule => rule.List("from").Count is 0);
        Assert.Equal([Manifest.Read(Manifest.BaseDeployment).PortNamed(port.Text("targetPort"))], open.List("ports").Select(each => each.Number("port")));
    }

    [Fact]
    public void It_ends_TLS_for_its_host_which_is_a_placeholder()
    {
        var host = Ingress.List("spec.rules").Single().Text("host");

        Assert.EndsWith(".invalid", host, StringComparison.Ordinal); // RFC 2606: nobody can have it.
        Assert.Equal([host], Ingress.List("spec.tls").Single().List("hosts").Select(each => each.Value));
        Assert.Contains($"kubectl create secret tls {Ingress.Text("spec.tls[0].secretName")} ", RepositoryFiles.Read("docs/operations.md"), StringComparison.Ordinal);
    }
}

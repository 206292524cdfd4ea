using Xunit.Abstractions;
using Xunit.Sdk;

namespace PiGrid.Tests;

/// <summary>A fact that needs a PostgreSQL server, skipped with the reason where none can be started.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.SkipReason;
}

/// <summary>A theory that needs a PostgreSQL server, skipped with the reason where none can be started.</summary>
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.SkipReason;
}

/// <summary>On a class that derives from a contract: its facts need a PostgreSQL server.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsPostgresAttribute : Attribute;

/// <summary>A fact of a contract: whether it is skipped depends on the class that runs it (<see cref="NeedsPostgresAttribute"/>).</summary>
[XunitTestCaseDiscoverer("PiGrid.Tests.ContractFactDiscoverer", "PiGrid.Tests")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>A theory of a contract, like <see cref="ContractFactAttribute"/>.</summary>
[XunitTestCaseDiscoverer("PiGrid.Tests.ContractTheoryDiscoverer", "PiGrid.Tests")]
public sealed class ContractTheoryAttribute : TheoryAttribute;

/// <summary>Finds facts of contracts.</summary>
public sealed class ContractFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Skipped(testMethod) is { } reason
            ? new XunitSkippedDataRowTestCase(
                DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, reason)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);

    /// <summary>Why the class's facts are skipped; null when they are not.</summary>
    internal static string? Skipped(ITestMethod testMethod) =>
        testMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any() ? PostgresServer.SkipReason : null;
}

/// <summary>Finds theories of contracts.</summary>
public sealed class ContractTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        ContractFactDiscoverer.Skipped(testMethod) is { } reason
            ?
            [
                new XunitSkippedDataRowTestCase(
                    DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, reason),
            ]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

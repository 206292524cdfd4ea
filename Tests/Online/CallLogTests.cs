using Microsoft.Extensions.DependencyInjection;
using PiGrid.Tests.NodeAgent;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Online;

/// <summary>What an operator's log says of online calls, of which there may be hundreds a second.</summary>
public sealed class CallLogTests
{
    [Fact]
    public async Task Log_WithTheSilosOwnLevels_HasNoLineForCallsThatGoWell()
    {
        var log = new LogLines();
        await using var silo = await TestSilo.StartAsync(
            services => services.AddSingleton(log.ToProvider()), "--Logging:LogLevel:Default=Information", "--Online:KnowledgeAge=00:00:00");
        await using var checks = await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken);
        await using var node = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!);
        await DigestModel.PublishAsync(silo);
        await CallAsync(silo, 0);

        Assert.Contains(log.Take(), line => line.Contains(node.Node.Value, StringComparison.Ordinal));
        for (byte i = 1; i <= 10; i++)
        {
            await CallAsync(silo, i);
        }

        Assert.Empty(log.Take());
    }

    private static async Task CallAsync(TestSilo silo, byte input)
    {
        var call = new InferenceCall
        {
            Model = DigestModel.Manifest.Ref, Input = [input], Policy = VerificationPolicy.None, Timeout = Patience.Limit,
        };
        var answer = await silo.Grains.GetGrain<IInferenceGrain>(NewId.Call().Value).Infer(call, default);
        Assert.Null(answer.Failure);
    }
}

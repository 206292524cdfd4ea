using Orleans.Runtime;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Api;

/// <summary>Around all routes: what a route did not foresee becomes an error that says what to do, never a stack trace.</summary>
internal sealed partial class ErrorGuard(RequestDelegate next, ILogger<ErrorGuard> logger)
{
    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
#pragma warning disable CA1031 // The last frame above a request.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (context.Response.HasStarted)
            {
                Broken(e, context.Request.Path);
                context.Abort();
                return;
            }

            context.Response.Clear();
            await AnswerAsync(context, e);
        }
    }

    private Task AnswerAsync(HttpContext context, Exception e)
    {
        // The official engine wraps what a store throws.
        switch (e is OrleansException { InnerException: StorageException storage } ? storage : e)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Answers.ErrorAsync(context, 413, "too_large", "The body is larger than this route allows.");
            case BadHttpRequestException bad:
                return Answers.ErrorAsync(context, bad.StatusCode, "bad_request", bad.Message);
            case StorageException { Away: true }:
                Failed(e, context.Request.Path);
                context.Response.Headers.RetryAfter = "5";
                return Answers.ErrorAsync(
                    context, 503, "storage_away", "The grid's database cannot be reached now. Nothing is lost that was accepted: try again in a few seconds.");
            case StorageException:
                Failed(e, context.Request.Path);
                return Answers.ErrorAsync(
                    context, 507, "storage", "The grid cannot write its data now; its operator finds the reason in the silo's log. Nothing was kept: try again later.");
            case TimeoutException or OrleansException:
                Failed(e, context.Request.Path);
                context.Response.Headers.RetryAfter = "2";
                return Answers.ErrorAsync(context, 503, "unavailable", "The grid did not answer in time: try again.");
            default:
                Failed(e, context.Request.Path);
                return Answers.ErrorAsync(
                    context, 500, "internal", $"The silo failed; its operator finds the reason in the log under {context.TraceIdentifier}.");
        }
    }

    [LoggerMessage(LogLevel.Error, "A request to {Path} failed")]
    private partial void Failed(Exception e, string path);

    [LoggerMessage(LogLevel.Warning, "An answer to {Path} broke off")]
    private partial void Broken(Exception e, string path);
}

using System.CommandLine;
using System.Globalization;
using Mnist.Cli.Commands.Evaluate;
using Mnist.Cli.Shared;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands.Combine;

/// <summary><c>mnist combine</c>: combines single networks to a cascade.</summary>
internal static class CombineCommand
{
    public static Command Create()
    {
        var networks = new Argument<string[]>("networks")
        {
            Description = "Weights files of two single networks: the first stage, then the network that the second stage adds.",
            HelpName = "FILE",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output") { Description = "The weights file to write.", HelpName = "FILE", Required = true };
        var threshold = new Option<double?>("--threshold")
        {
            Description = "Escalate images whose largest probability in the first stage is below P: above 0, at most 1.",
            HelpName = "P",
        };
        var temperature = new Option<double?>("--temperature") { Description = "Divide the mean of the logits of the second stage by T: above 0.", HelpName = "T" };
        var budget = new Option<double>("--max-multiply-adds")
        {
            Description = "Mean cost per image that the fitted cascade may have.",
            HelpName = "N",
            DefaultValueFactory = _ => 6_000_000,
        };
        var data = DataOption.Create();
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists." };
        var command = new Command(
            "combine",
            """
            Combines two networks to a two-stage cascade in one weights file. The first stage runs the first network. If its largest probability is below
            the threshold, the second stage runs both networks on five shifted views and divides the mean of their logits by the temperature.

            Without --threshold and --temperature, both are fitted on the last 10,000 training images of MNIST. For a valid fit, the networks must not be
            trained on these (mnist train --validation). The fitted values can be used for networks of the same recipe that are trained on all images.

            Examples:
              mnist combine small.safetensors large.safetensors --output both.safetensors
              mnist combine small.safetensors large.safetensors --output both.safetensors --threshold 0.98 --temperature 0.8

            Exit code: 0 written, 1 a file cannot be used or written, 2 download unavailable, 64 wrong usage, 130 interrupted.
            """)
        {
            networks, output, threshold, temperature, budget, data, force,
        };
        command.Validators.Add(result =>
        {
            int count = result.GetValue(networks)?.Length ?? 0;
            if (count != 2)
            {
                result.AddError($"found {count} networks, expected 2: of the first and of the second stage.");
            }

            if (result.IsGiven(threshold) != result.IsGiven(temperature))
            {
                result.AddError("--threshold and --temperature require each other.");
            }
            else if (result.IsGiven(threshold) && (result.IsGiven(budget) || result.IsGiven(data)))
            {
                result.AddError("With --threshold and --temperature nothing is fitted: omit --max-multiply-adds and --data.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var console = parsed.InvocationConfiguration;
            // Validates the options before files are read; a fit replaces this rule.
            var rule = Rule(parsed.GetValue(threshold) ?? 1, parsed.GetValue(temperature) ?? 1);
            string path = parsed.GetRequiredValue(output);
            if (File.Exists(path) && !parsed.GetValue(force))
            {
                throw new CommandException(ExitCode.Failure, $"'{path}' exists. Use --force to replace it.");
            }

            NetworkWeights[] stages = [.. parsed.GetRequiredValue(networks).Select(LoadSingle)];
            if (parsed.GetValue(threshold) is null)
            {
                rule = await FitAsync(stages, parsed.GetRequiredValue(data), parsed.GetValue(budget), console, cancellationToken);
            }

            string sha256 = Save(new CascadeWeights(stages[0], stages[1], rule), path);
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threshold {rule.Threshold}, temperature {rule.Temperature}"));
            console.Output.WriteLine($"wrote {path} (SHA-256 {sha256})");
            return ExitCode.Success;
        });
        return command;
    }

    private static CascadeRule Rule(double threshold, double temperature)
    {
        try
        {
            return new CascadeRule(threshold, temperature);
        }
        catch (InvalidDataException exception)
        {
            throw new CommandException(ExitCode.Usage, $"{exception.Message}.");
        }
    }

    private static NetworkWeights LoadSingle(string path)
    {
        var network = WeightsOption.Load(path);
        return network.Cascade is null
            ? network.Stages[0]
            : throw new CommandException(ExitCode.Failure, $"{path}: holds a cascade of {network.Stages.Count} networks, expected a single one.");
    }

    /// <summary>Fits the rule on the MNIST validation block and prints the errors there.</summary>
    private static async Task<CascadeRule> FitAsync(
        NetworkWeights[] stages, string folder, double maxMultiplyAdds, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        await DataOption.DownloadAsync(folder, [MnistFile.TrainImages, MnistFile.TrainLabels], console.Error, cancellationToken);
        var digits = MnistFile.LoadValidation(folder);
        float[] first = BatchClassifier.Classify(Network.Create(stages[0]), digits).Logits;
        float[] all = await Terminal.WithProgressAsync(console.Error, "classifying", report => Task.Run(
            () => CascadeFit.Mean(stages, digits, share =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                report(share);
            }), cancellationToken));
        var rule = CascadeFit.Fit(digits.Labels, first, all, stages, maxMultiplyAdds);

        var network = Network.Create(new CascadeWeights(stages[0], stages[1], rule));
        var answer = BatchClassifier.Classify(network, digits);
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"MNIST validation block ({digits.Count:N0} digits): {Errors(first)} errors of the first network, {Errors(all)} of the second stage, {Errors(answer.Logits)} of the cascade"));
        console.Output.WriteLine(CascadeCost.Of(network, answer, digits.Count));
        return rule;

        int Errors(float[] logits) => EvaluationResult.MostProbable(logits).Index().Count(answer => answer.Item != digits.Labels[answer.Index]);
    }

    private static string Save(CascadeWeights cascade, string path)
    {
        try
        {
            return cascade.Save(path);
        }
        catch (WeightsException exception)
        {
            throw new CommandException(ExitCode.Failure, exception.Message);
        }
    }
}

//! ALTER TABLE and ALTER DATABASE in Hive's grammar.

use super::cursor::Parser;
use crate::ast::{
    AlterTable, AlterTableAction, ColumnPlace, ComparisonOperator, NewPartition,
    PartitionCondition, PartitionSpec, Statement,
};
use crate::error::Error;

impl Parser<'_> {
    pub fn alter(&mut self) -> Result<Statement, Error> {
        let start = self.index();
        let position = self.expect("ALTER")?;
        if self.take("DATABASE") || self.take("SCHEMA") {
            let name = self.qualified_name()?;
            self.expect_all(&["SET", "DBPROPERTIES"])?;
            let properties = self.properties()?;
            return Ok(Statement::AlterDatabaseSetProperties { name, properties });
        }
        if self.is_any(&["VIEW", "MATERIALIZED"]) {
            self.back_to(start);
            return Ok(self.unsupported());
        }
        self.expect("TABLE")?;
        let name = self.qualified_name()?;
        let action = self.alter_table_action()?;
        Ok(Statement::AlterTable(Box::new(AlterTable {
            position,
            name,
            action,
        })))
    }

    fn alter_table_action(&mut self) -> Result<AlterTableAction, Error> {
        if self.take("ADD") {
            return self.add();
        }
        if self.take("DROP") {
            return self.drop_part();
        }
        if self.take("RENAME") {
            self.expect("TO")?;
            return Ok(AlterTableAction::RenameTo(self.qualified_name()?));
        }
        if self.take("REPLACE") {
            self.expect("COLUMNS")?;
            return Ok(AlterTableAction::ReplaceColumns(
                self.parenthesized_list(Self::hive_column)?,
            ));
        }
        if self.take("CHANGE") {
            return self.change_column();
        }
        if self.take("UNSET") {
            self.expect("TBLPROPERTIES")?;
            return Ok(AlterTableAction::UnsetProperties(
                self.parenthesized_list(Self::string)?,
            ));
        }
        let partition = self.optional_partition()?;
        if let Some(from) = &partition
            && self.take("RENAME")
        {
            self.expect_all(&["TO", "PARTITION"])?;
            return Ok(AlterTableAction::RenamePartition {
                from: from.clone(),
                to: self.partition_spec()?,
            });
        }
        self.expect("SET")?;
        if partition.is_none() && self.take("TBLPROPERTIES") {
            return Ok(AlterTableAction::SetProperties(self.properties()?));
        }
        self.expect("LOCATION")?;
        Ok(AlterTableAction::SetLocation {
            partition,
            location: self.string()?,
        })
    }

    fn optional_partition(&mut self) -> Result<Option<PartitionSpec>, Error> {
        if self.take("PARTITION") {
            Ok(Some(self.partition_spec()?))
        } else {
            Ok(None)
        }
    }

    /// Behind ADD: partitions or columns.
    fn add(&mut self) -> Result<AlterTableAction, Error> {
        if self.take("COLUMNS") {
            return Ok(AlterTableAction::AddColumns(
                self.parenthesized_list(Self::hive_column)?,
            ));
        }
        let if_not_exists = self.if_not_exists()?;
        let mut partitions = Vec::new();
        let mut position = self.expect("PARTITION")?;
        loop {
            let spec = self.partition_spec()?;
            let location = if self.take("LOCATION") {
                Some(self.string()?)
            } else {
                None
            };
            partitions.push(NewPartition {
                position,
                spec,
                location,
            });
            position = self.position();
            if !self.take("PARTITION") {
                return Ok(AlterTableAction::AddPartitions {
                    if_not_exists,
                    partitions,
                });
            }
        }
    }

    /// Behind DROP: partitions or a column.
    fn drop_part(&mut self) -> Result<AlterTableAction, Error> {
        if self.take("COLUMN") {
            return Ok(AlterTableAction::DropColumn(self.identifier()?));
        }
        let if_exists = self.if_exists()?;
        let partitions = self.list(|parser| {
            parser.expect("PARTITION")?;
            parser.parenthesized_list(Self::partition_condition)
        })?;
        Ok(AlterTableAction::DropPartitions {
            if_exists,
            partitions,
        })
    }

    fn partition_condition(&mut self) -> Result<PartitionCondition, Error> {
        let column = self.identifier()?;
        for (symbol, operator) in [
            ("=", ComparisonOperator::Equal),
            ("<>", ComparisonOperator::NotEqual),
            ("!=", ComparisonOperator::NotEqual),
            ("<", ComparisonOperator::LessThan),
            ("<=", ComparisonOperator::LessThanOrEqual),
            (">", ComparisonOperator::GreaterThan),
            (">=", ComparisonOperator::GreaterThanOrEqual),
        ] {
            if self.take(symbol) {
                let value = self.partition_value()?;
                return Ok(PartitionCondition {
                    column,
                    operator,
                    value,
                });
            }
        }
        Err(self.mismatch())
    }

    fn change_column(&mut self) -> Result<AlterTableAction, Error> {
        self.take("COLUMN");
        let from = self.identifier()?;
        let to = self.hive_column()?;
        let place = if self.take("FIRST") {
            Some(ColumnPlace::First)
        } else if self.take("AFTER") {
            Some(ColumnPlace::After(self.identifier()?))
        } else {
            None
        };
        Ok(AlterTableAction::ChangeColumn { from, to, place })
    }
}
